import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inForm } from '../form.ts';
import { compare, compareRace, type Experiment } from './moments.ts';
import { RacySessions } from './racy-sessions.ts';
import {
  ABSOLUTE,
  GRACE,
  generationOf,
  IDLE,
  type SessionAnswer,
  type SessionOperation,
  type Sessions,
  sessionOf,
  sessionRules,
} from './session-model.ts';
import { overEveryStore } from './stores.ts';
import type { SessionRepository } from '#application/ports/session-repository.ts';
import type { SessionId } from '#domain/ids.ts';

interface Pick {
  readonly do: SessionOperation['do'];
  readonly who: number;
  /** How many generations before the current one. */
  readonly behind: number;
  /** How far this caller's clock is off, in ms. */
  readonly skew: number;
  readonly limit: number;
}

const RUNS = {
  memory: { short: 150, long: 3_000 },
  sqlite: { short: 150, long: 1_500 },
  mongo: { short: 40, long: 400 },
  mongoSet: { short: 10, long: 100 },
};

const around = (limit: number) => [limit - 1, limit, limit + 1];
const action = (what: SessionOperation['do'], weight: number) => ({ arbitrary: fc.constant(what), weight });

const experiment: Experiment<Sessions, Pick, SessionOperation, SessionAnswer, SessionRepository> = {
  pick: pickOf(fc.oneof(action('rotate', 10), action('find', 3), action('end', 1), action('sweep', 1), action('add', 2))),
  common: pickOf(fc.oneof(action('rotate', 8), action('end', 1), action('sweep', 1))),
  wait: fc.oneof(
    { arbitrary: fc.constantFrom(0, 1, GRACE / 2), weight: 6 },
    { arbitrary: fc.constantFrom(...around(GRACE), ...around(IDLE), ...around(IDLE - GRACE)), weight: 3 },
    { arbitrary: fc.constantFrom(...around(ABSOLUTE)), weight: 1 },
  ),
  start: {},
  rules: sessionRules,
  decide,
  perform,
  look: (sessions, now) => Object.keys(sessions).map((id) => ({ do: 'find', id, now })),
};

function pickOf(what: fc.Arbitrary<Pick['do']>): fc.Arbitrary<Pick> {
  return fc.record({
    do: what,
    who: fc.nat({ max: 2 }),
    behind: fc.oneof({ arbitrary: fc.constant(0), weight: 6 }, { arbitrary: fc.integer({ min: -1, max: 7 }), weight: 4 }),
    skew: fc.oneof({ arbitrary: fc.constant(0), weight: 6 }, { arbitrary: fc.constantFrom(-1, 1, -GRACE, GRACE), weight: 1 }),
    limit: fc.integer({ min: 1, max: 3 }),
  });
}

let added = 0;

/** Who is picked is one of the last three. A new one has an id that nobody had. */
function decide({ do: what, who, behind, skew, limit }: Pick, sessions: Sessions, time: number): SessionOperation {
  const now = time + skew;
  const id = Object.keys(sessions).at(-1 - who) ?? 'nobody';
  switch (what) {
    case 'add':
      added += 1;
      return { do: what, id: `session ${added}`, now };
    case 'rotate':
      return { do: what, id, generation: Math.max(1, generationOf(sessions, id) - behind), now };
    case 'end':
      return { do: what, id, reason: behind === 0 ? 'logout' : 'reuse', now };
    case 'find':
      return { do: what, id, now };
    case 'sweep':
      return { do: what, limit, now };
  }
}

function perform(sessions: SessionRepository, operation: SessionOperation): Promise<SessionAnswer> {
  const now = new Date(operation.now);
  if (operation.do === 'sweep') return sessions.sweep({ now, limit: operation.limit });
  const id = operation.id as SessionId;
  switch (operation.do) {
    case 'add':
      return sessions.add(sessionOf(id, { since: operation.now, uses: [], ended: null })).then(() => undefined);
    case 'find':
      return sessions.findAlive(id, now);
    case 'end':
      return sessions.end({ id, reason: operation.reason, now });
    case 'rotate':
      return sessions.rotate({ sessionId: id, generation: operation.generation, now, graceMs: GRACE, idleMs: IDLE });
  }
}

const three = ['first', 'second', 'third'];

/** They run out at this instant: for the sweep, but not yet for the browsers that use them. */
const useRacesSweep: { readonly first: readonly SessionOperation[]; readonly atOnce: readonly SessionOperation[] } = {
  first: three.map((id) => ({ do: 'add', id, now: 0 })),
  atOnce: [
    ...three.flatMap((id): SessionOperation[] => [
      { do: 'rotate', id, generation: 1, now: IDLE - 1 },
      { do: 'rotate', id, generation: 1, now: IDLE - 1 },
      { do: 'end', id, reason: 'logout', now: IDLE - 1 },
    ]),
    ...[1, 3].map((limit): SessionOperation => ({ do: 'sweep', limit, now: IDLE })),
    { do: 'sweep', limit: 3, now: IDLE - 1 },
  ],
};

overEveryStore((empty, kind) => {
  const open = async () => (await empty()).sessions;

  it('rotates, ends and sweeps as the model does, one at a time and all at once', async () => {
    await compare(experiment, open, inForm(RUNS[kind]));
  }, 600_000);

  it('sweeps no session that was used in time', async () => {
    await compareRace(experiment, useRacesSweep, open, inForm(RUNS[kind]));
  }, 600_000);
});

it('would notice a rotation that looks first and writes later', async () => {
  const racy = compare(experiment, async () => new RacySessions(), 1_000);
  await expect(racy).rejects.toThrow(/No order of these explains their answers/);
});
