import type { Outcome } from './linearise.ts';
import { COOLDOWN, LIFE, TTL } from './registration-model.ts';
import { type Sessions, sessionRules } from './session-model.ts';

interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly since: number;
  readonly asked: number;
  readonly until: number;
}

/** Whose it is: of a sign-up, by its name, or of somebody new who set a password of their own. */
interface Account {
  readonly of: string;
  readonly password: string;
}

export interface World {
  readonly signUps: Readonly<Record<string, SignUp>>;
  /** By address: there can be but one each. */
  readonly accounts: Readonly<Record<string, Account>>;
  readonly sessions: Sessions;
}

export const SOMEBODY_NEW = 'somebody new';
export const OWN_PASSWORD = 'a password of their own';

/** `stranger`: the link alone, from a browser that signed up for something else, or for nothing. */
export type ProofOffered = 'browser' | 'password' | 'wrong password' | 'new password' | 'stranger';

export type FlowOperation =
  | { readonly do: 'sign up'; readonly name: string; readonly email: string; readonly password: string; readonly now: number }
  | { readonly do: 'ask'; readonly name: string; readonly now: number }
  | ({ readonly do: 'confirm'; readonly name: string; readonly by: ProofOffered; readonly other: string } & NewSession)
  | ({ readonly do: 'log in'; readonly email: string; readonly password: string; readonly from: string } & NewSession)
  | { readonly do: 'refresh'; readonly session: string; readonly generation: number; readonly now: number }
  | { readonly do: 'purge'; readonly now: number }
  | { readonly do: 'look'; readonly email: string; readonly now: number };

interface NewSession {
  /** What the session will be called that comes of it. */
  readonly session: string;
  readonly now: number;
}

type Said = Outcome<World, string>;
type Doing<What extends FlowOperation['do']> = Extract<FlowOperation, { do: What }>;

/** What the whole door may do. */
export function flowRules(world: World, operation: FlowOperation, alone: boolean): Said[] {
  switch (operation.do) {
    case 'sign up': {
      const { name, email, password, now } = operation;
      const signUp = { email, password, since: now, asked: now, until: now + TTL };
      return [{ state: { ...world, signUps: { ...world.signUps, [name]: signUp } }, answer: 'signed up' }];
    }
    case 'ask':
      return ask(world, operation, alone);
    case 'confirm':
      return confirm(world, operation, alone);
    case 'log in':
      return logIn(world, operation, alone);
    case 'refresh':
      return [refresh(world, operation)];
    case 'purge':
      return [{ state: world, answer: 'purged' }];
    case 'look': {
      const account = world.accounts[operation.email];
      return [{ state: world, answer: account === undefined ? 'nobody' : `${account.of}, ${account.password}` }];
    }
  }
}

function liveOne(world: World, name: string, now: number): SignUp | null {
  const signUp = world.signUps[name];
  return signUp !== undefined && now < signUp.until ? signUp : null;
}

/** A mail starts the clock; who is confirmed gets none. It leaves later than it is asked for, and a confirmation may come between. */
function ask(world: World, { name, now }: Doing<'ask'>, alone: boolean): Said[] {
  const signUp = liveOne(world, name, now);
  if (signUp === null) return [{ state: world, answer: 'invalid-input' }];
  if (now < signUp.asked + COOLDOWN) return [{ state: world, answer: 'too-many-requests' }];

  const end = signUp.since + LIFE;
  const isConfirmed = world.accounts[signUp.email]?.of === name;
  const ends = isConfirmed ? [end] : [Math.min(now + TTL, end), ...(alone ? [] : [end])];
  return ends.map((until) => ({
    state: { ...world, signUps: { ...world.signUps, [name]: { ...signUp, asked: now, until } } },
    answer: 'asked',
  }));
}

/** It looks for its own account first and for another's later: one that comes between may be its own and is taken for another's. */
function confirm(world: World, { name, by, session, now }: Doing<'confirm'>, alone: boolean): Said[] {
  const refused = (...answers: string[]) => answers.map((answer) => ({ state: world, answer }));
  const signUp = liveOne(world, name, now);
  if (signUp === null) return refused('invalid-or-expired-token');
  const account = world.accounts[signUp.email];
  if (account?.of === name) return refused('already-verified', ...(alone ? [] : ['account-exists']));
  if (account !== undefined) return refused('account-exists');
  if (by === 'wrong password') return refused('invalid-credentials');
  if (by === 'stranger') return refused('proof-required');

  const made = by === 'new password' ? { of: SOMEBODY_NEW, password: OWN_PASSWORD } : { of: name, password: signUp.password };
  const accounts = { ...world.accounts, [signUp.email]: made };
  return [{ state: { ...world, accounts, sessions: { ...world.sessions, [session]: newSession(now) } }, answer: `in as ${made.of}` }];
}

/** It looks for the account first and for its own registration later: a confirmation between the two leaves it with neither. */
function logIn(world: World, { email, password, from, session, now }: Doing<'log in'>, alone: boolean): Said[] {
  const account = world.accounts[email];
  if (account?.password === password) {
    return [{ state: { ...world, sessions: { ...world.sessions, [session]: newSession(now) } }, answer: `in as ${account.of}` }];
  }
  const own = liveOne(world, from, now);
  const isOnTheWay = own?.email === email && own.password === password && account?.of !== from;
  const answers = isOnTheWay ? ['email-not-verified', ...(alone ? [] : ['invalid-credentials'])] : ['invalid-credentials'];
  return answers.map((answer) => ({ state: world, answer }));
}

/** A token shown again after its grace ends the session. */
function refresh(world: World, { session, generation, now }: Doing<'refresh'>): Said {
  const [rotation] = sessionRules(world.sessions, { do: 'rotate', id: session, generation, now }, true);
  const [ended] = sessionRules(world.sessions, { do: 'end', id: session, reason: 'reuse', now }, true);
  const kind = typeof rotation?.answer === 'object' && rotation.answer !== null && 'kind' in rotation.answer ? rotation.answer : null;
  if (kind?.kind === 'reused') return { state: { ...world, sessions: ended?.state ?? {} }, answer: 'invalid-refresh-token' };
  if (kind === null || kind.kind === 'rejected') return { state: world, answer: 'invalid-refresh-token' };
  return {
    state: kind.kind === 'rotated' ? { ...world, sessions: rotation?.state ?? {} } : world,
    answer: `generation ${kind.session.generation}`,
  };
}

const newSession = (now: number) => ({ since: now, uses: [], ended: null });
