import { setTimeout as sleep } from 'node:timers/promises';
import { inForm } from '../form.ts';
import { copies, tokenOf } from './letters.ts';
import { type Answer, Person } from './person.ts';
import type { ArrivedMail } from '../../support/smtp-dialogue.ts';

export interface CrowdOptions {
  readonly urls: readonly string[];
  /** Everything that has left for a mailbox so far. */
  readonly mails: () => readonly ArrivedMail[];
  /** Requests a second. */
  readonly rate?: number;
}

/** At most so many requests at once, and people who wait for their mail: a load that waits does not pile up. */
const IN_FLIGHT = 64;
const WAITING = 500;
/** Every so manieth turn is somebody new's: a little less often than somebody has finished. */
const NEWCOMER = 12;
const HEALTHY = 30;

/**
 * People at the door, so many requests a second: each signs up, waits for the mail, confirms, looks at the profile, refreshes, signs out and in;
 * whoever is told `unavailable`, or nothing, tries the same again. Beside them somebody guesses passwords and shows what was signed out.
 * What the service must never do is kept in `violations`.
 */
export class Crowd {
  readonly violations: string[] = [];
  readonly answers: Answer[] = [];
  readonly people: Person[] = [];
  readonly #options: Required<CrowdOptions>;
  readonly #inFlight = new Set<Promise<void>>();
  #running: Promise<void> | null = null;
  #turns = 0;
  #isAdmitting = true;
  #read = 0;
  readonly #tokens = new Map<string, string>();

  constructor(options: CrowdOptions) {
    this.#options = { rate: 20, ...options };
  }

  start(): void {
    this.#isAdmitting = true;
    this.#running ??= this.#run();
  }

  /** Nobody new comes; whoever is there finishes. Resolves when all have, and fails when they cannot. */
  async finish(timeoutMs = inForm({ short: 75_000, long: 600_000 })): Promise<void> {
    this.#isAdmitting = false;
    const deadline = Date.now() + timeoutMs;
    while (this.people.some((person) => !person.isDone)) {
      if (Date.now() > deadline) {
        const stuck = this.people.filter(({ isDone }) => !isDone).map(({ email, step }) => `${email} at ${step}`);
        throw new Error(`${stuck.length} people are stuck: ${stuck.slice(0, 5).join(', ')}`);
      }
      await sleep(50);
    }
    const running = this.#running;
    this.#running = null;
    await running;
    await Promise.all(this.#inFlight);
  }

  /** How long it took from now until everything was answered well, and stayed so for thirty answers. */
  async healed(timeoutMs = 20_000): Promise<number> {
    const from = Date.now();
    for (;;) {
      const since = this.answers.filter(({ at }) => at >= from);
      const bad = since.findLastIndex(({ outcome }) => outcome !== 'ok');
      const good = since.slice(bad + 1);
      if (good.length >= HEALTHY) return bad < 0 ? 0 : (since[bad]?.at ?? from) - from;
      if (Date.now() - from > timeoutMs)
        throw new Error(`Not healed within ${timeoutMs} ms; the last answers: ${JSON.stringify(since.slice(-5))}`);
      await sleep(25);
    }
  }

  /** What came of the requests that began since then. */
  since(from: number): { ok: number; unavailable: number; lost: number; slowestMs: number; p99Ms: number } {
    const answers = this.answers.filter(({ at, ms }) => at - ms >= from);
    const count = (wanted: Answer['outcome']) => answers.filter(({ outcome }) => outcome === wanted).length;
    const times = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
    return {
      ...{ ok: count('ok') + count('refused'), unavailable: count('unavailable'), lost: count('lost') },
      slowestMs: Math.round(times.at(-1) ?? 0),
      p99Ms: Math.round(times[Math.ceil(times.length * 0.99) - 1] ?? 0),
    };
  }

  /** What must hold when all have finished: see `audit.ts` for what the database says. `crashes` may each cost one copy. */
  checkMails(crashes: number): void {
    const mails = this.#options.mails();
    const reached = new Set(mails.flatMap(({ to }) => to));
    for (const { email, signedUp } of this.people) {
      if (signedUp && !reached.has(email)) this.violations.push(`${email} signed up and got no mail`);
    }
    for (const [messageId, texts] of copies(mails)) {
      if (texts.length - 1 > crashes) this.violations.push(`${messageId} was sent ${texts.length} times in ${crashes} crashes`);
      if (new Set(texts.map((raw) => tokenOf({ raw }))).size > 1) this.violations.push(`the copies of ${messageId} differ`);
    }
  }

  tokenFor(email: string): string | null {
    const mails = this.#options.mails();
    for (const mail of mails.slice(this.#read)) {
      const token = tokenOf(mail);
      if (token !== null) for (const to of mail.to) this.#tokens.set(to, token);
    }
    this.#read = mails.length;
    return this.#tokens.get(email) ?? null;
  }

  async #run(): Promise<void> {
    let next = performance.now();
    // `finish` takes the promise away.
    do {
      next += 1_000 / (this.#isAdmitting ? this.#options.rate : 10 * this.#options.rate);
      if (this.#inFlight.size < IN_FLIGHT) this.#turn();
      await sleep(Math.max(0, next - performance.now()));
    } while (this.#running !== null);
  }

  #turn(): void {
    const turn = this.#nextPerson()?.act();
    if (turn === undefined) return;
    this.#inFlight.add(turn);
    void turn.finally(() => this.#inFlight.delete(turn));
  }

  /** Whoever has waited longest, so that nobody's retry comes later than a session bears, with somebody new now and then; who waits for the mail or an answer is passed over. */
  #nextPerson(): Person | undefined {
    this.#turns += 1;
    const there = this.people.filter((person) => !person.isDone);
    const ready = there.filter((person) => person.isReady);
    const isNewTurn = this.#isAdmitting && there.length < WAITING && (ready.length < 20 || this.#turns % NEWCOMER === 0);
    return isNewTurn ? this.#welcome() : ready.toSorted((a, b) => a.actedAt - b.actedAt)[0];
  }

  #welcome(): Person {
    const number = this.people.length;
    const person = new Person({
      ...{ number, urls: this.#options.urls },
      token: (email) => this.tokenFor(email),
      report: (answer) => this.answers.push(answer),
      violate: (what) => this.violations.push(what),
    });
    this.people.push(person);
    return person;
  }
}
