import fc from 'fast-check';
import { seed } from '../form.ts';
import { linearise, type Rules } from './linearise.ts';

/** How a model is put beside the real thing. A `Pick` is what is drawn; it becomes an operation once the state is known. */
export interface Experiment<State, Pick, Operation, Answer, Real> {
  readonly pick: fc.Arbitrary<Pick>;
  /** What many may do at once. */
  readonly common: fc.Arbitrary<Pick>;
  /** How long to wait before a moment, in ms. */
  readonly wait: fc.Arbitrary<number>;
  /** The first state, at time 0. */
  readonly start: State;
  readonly rules: Rules<State, Operation, Answer>;
  readonly decide: (pick: Pick, state: State, now: number) => Operation;
  readonly perform: (real: Real, operation: Operation) => Promise<Answer>;
  /** All that can be seen at the end. */
  readonly look: (state: State, now: number) => readonly Operation[];
}

interface Course<State> {
  now: number;
  possible: readonly State[];
}

/** Some time goes by, then all of these start at once. */
class Moment<State, Pick, Operation, Answer, Real> implements fc.AsyncCommand<Course<State>, Real> {
  readonly #experiment: Experiment<State, Pick, Operation, Answer, Real>;
  readonly #waitMs: number;
  readonly #picks: readonly Pick[];

  constructor(experiment: Experiment<State, Pick, Operation, Answer, Real>, waitMs: number, picks: readonly Pick[]) {
    this.#experiment = experiment;
    this.#waitMs = waitMs;
    this.#picks = picks;
  }

  check(): boolean {
    return true;
  }

  async run(course: Course<State>, real: Real): Promise<void> {
    const { decide } = this.#experiment;
    course.now += this.#waitMs;
    const [state] = course.possible;
    if (state === undefined) throw new Error('No state is possible.');
    const operations = this.#picks.map((pick) => decide(pick, state, course.now));
    await happen(this.#experiment, course, operations, real);
  }

  toString(): string {
    return `\n  after ${this.#waitMs} ms: ${JSON.stringify(this.#picks)}`;
  }
}

async function happen<State, Pick, Operation, Answer, Real>(
  { perform, rules }: Experiment<State, Pick, Operation, Answer, Real>,
  course: Course<State>,
  operations: readonly Operation[],
  real: Real,
): Promise<void> {
  const answers = await Promise.all(operations.map(async (operation) => ({ operation, answer: await perform(real, operation) })));
  const possible = linearise(course.possible, answers, rules);
  if (possible.length === 0) {
    const account = answers.map(({ operation, answer }) => `${JSON.stringify(operation)} -> ${JSON.stringify(answer)}`).join('\n    ');
    const before = course.possible.map((state) => JSON.stringify(state)).join(' or ');
    throw new Error(`No order of these explains their answers:\n    ${account}\n  from ${before}`);
  }
  course.possible = possible;
}

/** One at a time, several at a time, and the same one many times. */
function momentsOf<State, Pick, Operation, Answer, Real>(experiment: Experiment<State, Pick, Operation, Answer, Real>) {
  const { pick, common, wait } = experiment;
  const single = pick.map((one) => [one]);
  const crowd = fc.array(pick, { minLength: 2, maxLength: 6 });
  const herd = fc.tuple(common, fc.integer({ min: 2, max: 10 })).map(([one, count]) => Array.from({ length: count }, () => one));
  const picks = fc.oneof({ weight: 5, arbitrary: single }, { weight: 3, arbitrary: crowd }, { weight: 2, arbitrary: herd });
  return fc.tuple(wait, picks).map(([waitMs, some]) => new Moment(experiment, waitMs, some));
}

/** Further from 1970 than a skewed clock reaches back: no store of ours is asked about times before it. */
const START = 3_600_000;

/** Lets moments happen to an emptied store and to the model. Throws, with the seed and the shortest course, when the two part. */
export async function compare<State, Pick, Operation, Answer, Real>(
  experiment: Experiment<State, Pick, Operation, Answer, Real>,
  open: () => Promise<Real>,
  numRuns: number,
): Promise<void> {
  const courses = fc.commands([momentsOf(experiment)], { maxCommands: 40, size: '+1' });
  const property = fc.asyncProperty(courses, async (moments) => {
    const real = await open();
    const course: Course<State> = { now: START, possible: [experiment.start] };
    await fc.asyncModelRun(() => ({ model: course, real }), moments);
    await lookAround(experiment, course, real);
  });
  await fc.assert(property, { seed, numRuns, includeErrorInReport: true });
}

/** Lets the first of the operations happen one by one, and then the others at once, started in any order. Throws as `compare` does. */
export async function compareRace<State, Pick, Operation, Answer, Real>(
  experiment: Experiment<State, Pick, Operation, Answer, Real>,
  race: { readonly first: readonly Operation[]; readonly atOnce: readonly Operation[] },
  open: () => Promise<Real>,
  numRuns: number,
): Promise<void> {
  const orders = fc.shuffledSubarray([...race.atOnce], { minLength: race.atOnce.length });
  const property = fc.asyncProperty(orders, async (atOnce) => {
    const real = await open();
    const course: Course<State> = { now: 0, possible: [experiment.start] };
    for (const operation of race.first) await happen(experiment, course, [operation], real);
    await happen(experiment, course, atOnce, real);
    await lookAround(experiment, course, real);
  });
  await fc.assert(property, { seed, numRuns, includeErrorInReport: true });
}

async function lookAround<State, Pick, Operation, Answer, Real>(
  experiment: Experiment<State, Pick, Operation, Answer, Real>,
  course: Course<State>,
  real: Real,
): Promise<void> {
  const all = course.possible.slice(0, 1).flatMap((state) => experiment.look(state, course.now));
  for (const operation of all) await happen(experiment, course, [operation], real);
}
