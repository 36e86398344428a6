import { isDeepStrictEqual } from 'node:util';

/**
 * What an operation may do to a state, and what it may answer then. States are plain data; the very same state is given back where nothing
 * changed, and the answer, unless it is undefined, tells whether something did.
 */
export interface Outcome<State, Answer> {
  readonly state: State;
  readonly answer: Answer;
}

/** All that is allowed of one operation. `alone` tells whether nothing else was going on. */
export type Rules<State, Operation, Answer> = (state: State, operation: Operation, alone: boolean) => readonly Outcome<State, Answer>[];

export interface Happened<Operation, Answer> {
  readonly operation: Operation;
  readonly answer: Answer;
}

/**
 * The states that may hold after operations that ran at the same time: those that some order of them leads to, one after the other,
 * with just these answers. None when no order does.
 */
export function linearise<State, Operation, Answer>(
  from: readonly State[],
  happened: readonly Happened<Operation, Answer>[],
  rules: Rules<State, Operation, Answer>,
): State[] {
  const alone = happened.length === 1;
  // Alike operations with alike answers are interchangeable: trying one of them is trying all.
  const all = happened.map((each) => ({ ...each, text: JSON.stringify(each) })).sort((a, b) => (a.text < b.text ? -1 : 1));
  const seen = new Set<string>();
  const ends: State[] = [];

  const visit = (state: State, left: typeof all): void => {
    const place = JSON.stringify([state, left.map(({ text }) => text)], sorted);
    if (seen.has(place)) return;
    seen.add(place);
    if (left.length === 0) ends.push(state);

    const steps = left.flatMap((next, n) => {
      if (next.text === left[n - 1]?.text) return [];
      const fitting = rules(state, next.operation, alone).filter(({ answer }) => isDeepStrictEqual(answer, next.answer));
      return fitting.map((outcome) => ({ to: outcome.state, isTold: next.answer !== undefined, left: left.toSpliced(n, 1) }));
    });
    // What answers that it changed nothing, and fits here, is in nobody's way here: no other place for it need be tried.
    const idle = steps.find(({ to, isTold }) => to === state && isTold);
    for (const step of idle === undefined ? steps : [idle]) visit(step.to, step.left);
  };
  for (const state of from) visit(state, all);
  return ends;
}

/** Makes equal states read alike, whatever came first. */
function sorted(_key: string, value: unknown): unknown {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? Object.fromEntries(Object.entries(value).sort()) : value;
}

/** Every choice of so many. */
export function choices<T>(from: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  const [first, ...rest] = from;
  if (first === undefined) return [];
  return [...choices(rest, count - 1).map((some) => [first, ...some]), ...choices(rest, count)];
}
