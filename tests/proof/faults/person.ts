import { TRPCClientError } from '@trpc/client';
import { Browser } from '../../support/browser.ts';

/** What somebody does, in this order. */
const ROUTE = ['register', 'mail', 'verify', 'me', 'refresh', 'me', 'refresh', 'logout', 'login', 'me', 'done'] as const;
export type Step = (typeof ROUTE)[number];

/** One answer of the service, or its absence. */
export interface Answer {
  readonly step: Step | 'guess' | 'revived session' | 'revived token';
  readonly outcome: 'ok' | 'unavailable' | 'lost' | 'refused';
  readonly at: number;
  readonly ms: number;
}

export interface PersonDeps {
  readonly number: number;
  readonly urls: readonly string[];
  readonly token: (email: string) => string | null;
  readonly report: (answer: Answer) => void;
  readonly violate: (what: string) => void;
}

/** Whoever gets no answer by then is told that there is none. */
const PATIENCE_MS = 10_000;
const PASSWORD = 'correct horse battery';

/** A browser that talks to any instance behind one public address. */
class Visitor extends Browser {
  readonly #home: string;
  readonly #pick: () => string;

  constructor(urls: readonly string[], pick: () => string) {
    super(urls[0] ?? '');
    this.#home = urls[0] ?? '';
    this.#pick = pick;
  }

  override fetch(url: string, init: RequestInit = {}): Promise<Response> {
    return super.fetch(url.replace(this.#home, this.#pick()), { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  }
}

/** One person: does the next thing when told to, and remembers what the service has promised. */
export class Person {
  readonly email: string;
  signedUp = false;
  hasAccount = false;
  /** When they last asked for something. */
  actedAt = 0;
  readonly #deps: PersonDeps;
  readonly #browser: Visitor;
  #position = 0;
  #calls: number;
  #busy = false;
  /** An answer to this step was lost on the way, here or behind the service, so that it may have been done. */
  #inDoubt = false;
  /** What was signed out and must stay so. */
  #past: { readonly browser: Visitor } | null = null;

  constructor(deps: PersonDeps) {
    this.#deps = deps;
    this.email = `person-${deps.number}@example.com`;
    this.#calls = deps.number;
    this.#browser = this.#visitor();
  }

  get step(): Step {
    return ROUTE[this.#position] ?? 'done';
  }

  get isDone(): boolean {
    return this.step === 'done' && !this.#busy;
  }

  get isReady(): boolean {
    if (this.#busy || this.isDone) return false;
    return this.step !== 'mail' || this.#deps.token(this.email) !== null;
  }

  /** Whether the account can be signed in to, as its owner was promised. */
  async canSignIn(): Promise<boolean> {
    return this.#visitor()
      .login(this.email, PASSWORD)
      .then(
        () => true,
        () => false,
      );
  }

  async act(): Promise<void> {
    this.#busy = true;
    this.actedAt = Date.now();
    try {
      if (this.step === 'mail') this.#position += 1;
      await this.#take(this.step);
      if (this.#deps.number % 3 === 0) await this.#misbehave();
    } finally {
      this.#busy = false;
    }
  }

  async #take(step: Step): Promise<void> {
    const refusal = await this.#ask(step, () => this.#do(step));
    if (refusal === 'ok') {
      this.#keep(step);
      this.#inDoubt = false;
      this.#position += 1;
      return;
    }
    if (refusal === 'lost' || refusal === 'unavailable') {
      this.#inDoubt = true;
      return;
    }
    // It was done, and nobody heard: the account is there, so they sign in, and go on from there.
    if (step === 'verify' && refusal === 'already-verified' && this.#inDoubt) {
      this.hasAccount = true;
      this.#position = ROUTE.indexOf('login');
      return;
    }
    this.#deps.violate(`${this.email} was told ${refusal} at ${step}`);
    this.#position = ROUTE.indexOf('done');
  }

  #do(step: Step): Promise<unknown> {
    const { auth } = this.#browser.trpc;
    switch (step) {
      case 'register':
        return auth.register.mutate({ name: 'Somebody', email: this.email, password: PASSWORD });
      case 'verify':
        return auth.verifyEmail.mutate({ token: this.#deps.token(this.email) ?? '' }).then(({ session }) => {
          this.#browser.accessToken = session?.accessToken ?? null;
        });
      case 'login':
        return this.#browser.login(this.email, PASSWORD);
      case 'me':
        return auth.me.query();
      case 'refresh':
        return auth.refresh.mutate().then(({ accessToken }) => {
          this.#browser.accessToken = accessToken;
        });
      case 'logout':
        return this.#leave();
      case 'mail':
      case 'done':
        return Promise.resolve();
    }
  }

  /** Keeps a copy of the session in another browser, which must get nothing for it afterwards. */
  async #leave(): Promise<void> {
    const thief = this.#visitor();
    for (const cookie of await this.#browser.jar.getCookies(this.#deps.urls[0] ?? '')) {
      await thief.jar.setCookie(cookie, this.#deps.urls[0] ?? '');
    }
    thief.accessToken = this.#browser.accessToken;
    await this.#browser.trpc.auth.logout.mutate();
    this.#browser.accessToken = null;
    this.#past = { browser: thief };
  }

  #keep(step: Step): void {
    if (step === 'register') this.signedUp = true;
    if (step === 'verify') this.hasAccount = true;
  }

  /** No fault may ever make one of these go well. */
  async #misbehave(): Promise<void> {
    if (this.hasAccount) await this.#mustFail('guess', () => this.#visitor().login(this.email, 'not their password'));
    const past = this.#past?.browser;
    if (past === undefined) return;
    await this.#mustFail('revived session', () => past.trpc.auth.refresh.mutate());
    await this.#mustFail('revived token', () => past.trpc.auth.me.query());
  }

  async #mustFail(step: Answer['step'], call: () => Promise<unknown>): Promise<void> {
    if ((await this.#ask(step, call)) === 'ok') this.#deps.violate(`${this.email}: a false yes to a ${step}`);
  }

  async #ask(step: Answer['step'], call: () => Promise<unknown>): Promise<string> {
    const began = performance.now();
    const reason = await call().then(() => 'ok', reasonOf);
    const ms = performance.now() - began;
    const outcome = reason === 'ok' || reason === 'unavailable' || reason === 'lost' ? reason : 'refused';
    const isMisdeed = step === 'guess' || step === 'revived session' || step === 'revived token';
    this.#deps.report({ step, outcome: isMisdeed && outcome === 'refused' ? 'ok' : outcome, at: Date.now(), ms });
    return reason;
  }

  #visitor(): Visitor {
    const { urls } = this.#deps;
    return new Visitor(urls, () => urls[this.#calls++ % urls.length] ?? '');
  }
}

/** Why a call failed; `lost` when no answer came. A broken answer is its own reason, and never an excused one. */
function reasonOf(error: unknown): string {
  if (!(error instanceof TRPCClientError)) return 'lost';
  const { reason } = (error.data ?? {}) as { reason?: string };
  if (reason !== undefined) return reason;
  return error.cause instanceof TypeError || error.cause?.name === 'TimeoutError' || error.cause?.name === 'AbortError'
    ? 'lost'
    : `broken: ${error.message}`;
}
