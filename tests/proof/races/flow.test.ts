import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inForm } from '../form.ts';
import { FlowDoor, PASSWORDS } from './flow-door.ts';
import { type FlowOperation, flowRules, OWN_PASSWORD, type ProofOffered, type World } from './flow-model.ts';
import { compare, type Experiment } from './moments.ts';
import { RacyUsers } from './racy-registry.ts';
import { COOLDOWN, LIFE, TTL } from './registration-model.ts';
import { generationOf, GRACE, IDLE } from './session-model.ts';
import { openMemory, overEveryStore } from './stores.ts';

interface Choice {
  readonly do: FlowOperation['do'];
  readonly who: number;
  readonly other: number;
  readonly email: string;
  readonly password: string;
  readonly by: ProofOffered;
  /** How many generations before the current one. */
  readonly behind: number;
}

const ADDRESSES = ['ada@example.com', 'grace@example.com'] as const;

const RUNS = {
  memory: { short: 100, long: 1_500 },
  sqlite: { short: 25, long: 300 },
  mongo: { short: 20, long: 200 },
  mongoSet: { short: 5, long: 50 },
};

const WEIGHTS: Readonly<Record<FlowOperation['do'], number>> = {
  ...{ 'sign up': 4, ask: 2, confirm: 6, 'log in': 4, refresh: 5, purge: 1, look: 2 },
};

const experiment: Experiment<World, Choice, FlowOperation, string, FlowDoor> = {
  pick: choiceOf(Object.entries(WEIGHTS)),
  common: choiceOf(Object.entries({ confirm: 4, refresh: 3, 'log in': 1, ask: 1 })),
  wait: fc.oneof(
    { arbitrary: fc.constantFrom(0, 1, GRACE / 2), weight: 6 },
    { arbitrary: fc.constantFrom(...[COOLDOWN, TTL, IDLE].flatMap((limit) => [limit - 1, limit, limit + 1])), weight: 2 },
    { arbitrary: fc.constantFrom(LIFE - TTL, LIFE), weight: 1 },
  ),
  start: { signUps: {}, accounts: {}, sessions: {} },
  rules: flowRules,
  decide,
  perform: (door, operation) => door.do(operation),
  look: (_, now) => ADDRESSES.map((email) => ({ do: 'look', email, now })),
};

function choiceOf(weights: readonly (readonly [string, number])[]): fc.Arbitrary<Choice> {
  return fc.record({
    do: fc.oneof(...weights.map(([what, weight]) => ({ arbitrary: fc.constant(what as Choice['do']), weight }))),
    who: fc.nat({ max: 3 }),
    other: fc.nat({ max: 3 }),
    email: fc.constantFrom(...ADDRESSES),
    password: fc.constantFrom(...PASSWORDS, OWN_PASSWORD),
    by: fc.constantFrom<ProofOffered>('browser', 'password', 'wrong password', 'new password', 'stranger'),
    behind: fc.oneof({ arbitrary: fc.constant(0), weight: 3 }, { arbitrary: fc.integer({ min: -1, max: 6 }), weight: 2 }),
  });
}

let made = 0;

function decide({ do: what, who, other, email, password, by, behind }: Choice, { signUps, sessions }: World, now: number): FlowOperation {
  made += 1;
  const nth = (names: object, n: number) => Object.keys(names).at(-1 - n) ?? 'nobody';
  const name = nth(signUps, who);
  switch (what) {
    case 'sign up':
      return { do: what, name: `sign-up ${made}`, email, password, now };
    case 'ask':
      return { do: what, name, now };
    case 'confirm':
      return { do: what, name, by, other: nth(signUps, other), session: `session ${made}`, now };
    case 'log in':
      return { do: what, email, password, from: name, session: `session ${made}`, now };
    case 'refresh': {
      const session = nth(sessions, who);
      return { do: what, session, generation: Math.max(1, generationOf(sessions, session) - behind), now };
    }
    case 'purge':
      return { do: what, now };
    case 'look':
      return { do: what, email, now };
  }
}

overEveryStore((empty, kind) => {
  it('makes the accounts and sessions that the model makes, one at a time and all at once', async () => {
    await compare(experiment, async () => new FlowDoor(await empty()), inForm(RUNS[kind]));
  }, 600_000);
});

it('would notice users kept without a second look at the address', async () => {
  const open = async () => new FlowDoor({ ...(await (await openMemory()).empty()), users: new RacyUsers() });
  await expect(compare(experiment, open, 1_000)).rejects.toThrow(/No order of these explains their answers/);
});
