import { PASSWORD } from '../../support/world.ts';
import { TestClock } from '../../support/test-clock.ts';
import { type FlowOperation, OWN_PASSWORD, SOMEBODY_NEW } from './flow-model.ts';
import { LIFE, TTL } from './registration-model.ts';
import { ABSOLUTE, GRACE, IDLE } from './session-model.ts';
import type { Store } from './stores.ts';
import { CommonPasswordBlocklist } from '#adapters/outbound/crypto/common-password-blocklist.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';
import { HmacTokenMint } from '#adapters/outbound/crypto/hmac-token-mint.ts';
import { JoseAccessTokens } from '#adapters/outbound/crypto/jose-access-tokens.ts';
import { importJwtKeys } from '#adapters/outbound/crypto/jwt-keys.ts';
import { parseTokenKeys } from '#adapters/outbound/crypto/token-keys.ts';
import { MemoryMailTransport } from '#adapters/outbound/memory/memory-mail-transport.ts';
import { MemoryPasswordHasher } from '#adapters/outbound/memory/memory-password-hasher.ts';
import { RandomIds } from '#adapters/outbound/system/random-ids.ts';
import type { Clock } from '#application/ports/clock.ts';
import type { PasswordHasher } from '#application/ports/password-hasher.ts';
import type { RateLimiter } from '#application/ports/rate-limiter.ts';
import type { SignedIn } from '#application/sign-in.ts';
import { DeliverMail } from '#application/use-cases/deliver-mail.ts';
import { Login } from '#application/use-cases/login.ts';
import { PurgeUnverified } from '#application/use-cases/purge-unverified.ts';
import { RegisterUser } from '#application/use-cases/register-user.ts';
import { ResendVerification } from '#application/use-cases/resend-verification.ts';
import { RotateRefresh } from '#application/use-cases/rotate-refresh.ts';
import { VerifyEmail } from '#application/use-cases/verify-email.ts';
import { type RegistrationId, type SessionId, userIdOf } from '#domain/ids.ts';
import { parseEmailAddress } from '#domain/email-address.ts';
import type { Result } from '#domain/result.ts';

const keys = await generateKeys();
const jwtKeys = await importJwtKeys(keys.jwtKeys);
const tokens = new HmacTokenMint(parseTokenKeys(keys.tokenKeys));
const blocklist = new CommonPasswordBlocklist();

/** Lets everything through: what is counted is not what is asked here. */
const limiter: RateLimiter = { take: async () => ({ kind: 'taken' }), giveBack: async () => undefined };
const client = { ip: '192.0.2.1', requestId: 'request-1' };

/** The passwords that people choose at sign-up. */
export const PASSWORDS = [PASSWORD, 'the harbour at dawn'] as const;

/** What somebody holds who signed up, and who has their mail. */
interface Person {
  readonly id: RegistrationId;
  readonly browserSecret: string;
  readonly password: string;
  readonly link: string;
}

/** With the limits of the models. */
function openUseCases(store: Store, clock: Clock, hasher: PasswordHasher) {
  const deps = {
    ...store,
    ...{ clock, hasher, limiter, tokens, blocklist, transport: new MemoryMailTransport() },
    securityLog: { record: () => undefined },
    ids: new RandomIds(),
    accessTokens: new JoseAccessTokens({ keys: jwtKeys, issuer: 'https://door.example', ttlMs: GRACE }),
    random: () => 0,
  };
  const password = { appName: 'Sallyport', passwordMinLength: 8 };
  const signIn = { session: { idleMs: IDLE, absoluteMs: ABSOLUTE }, deviceMs: LIFE };
  const mail = {
    ...{ leaseMs: GRACE, maxAgeMs: LIFE, registrationTtlMs: TTL },
    ...{ verifyUrl: 'https://app.example/verify', signInUrl: 'https://app.example/' },
  };
  return {
    register: new RegisterUser({ ...deps, policy: { ...password, ttlMs: TTL, maxAgeMs: LIFE } }),
    resend: new ResendVerification({ ...deps, policy: { ttlMs: TTL } }),
    verify: new VerifyEmail({ ...deps, policy: { ...password, ...signIn, proof: 'required' } }),
    login: new Login({ ...deps, policy: signIn }),
    refresh: new RotateRefresh({ ...deps, policy: { graceMs: GRACE, idleMs: IDLE } }),
    deliver: new DeliverMail({ ...deps, policy: mail }),
    purge: new PurgeUnverified({ ...deps, policy: { batch: 500 } }),
  };
}

/** The use cases over a store, known people and their browsers. */
export class FlowDoor {
  readonly #store: Store;
  readonly #clock = new TestClock();
  readonly #people = new Map<string, Person>();
  readonly #sessions = new Map<string, SessionId>();
  readonly #hasher = new MemoryPasswordHasher();
  readonly #useCases: ReturnType<typeof openUseCases>;
  #workers = 0;

  constructor(store: Store) {
    this.#store = store;
    this.#useCases = openUseCases(store, this.#clock, this.#hasher);
  }

  /** Does one thing, and says what came of it. */
  async do(operation: FlowOperation): Promise<string> {
    this.#clock.setTo(new Date(operation.now));
    switch (operation.do) {
      case 'sign up':
        return this.#signUp(operation);
      case 'ask': {
        const browserSecret = this.#people.get(operation.name)?.browserSecret ?? null;
        const asked = await this.#useCases.resend.execute({ email: null, browserSecret, client });
        await this.#deliver();
        return asked.ok ? 'asked' : asked.error.code;
      }
      case 'confirm':
        return this.#confirm(operation);
      case 'log in': {
        const { email, password, from, session } = operation;
        const browserSecret = this.#people.get(from)?.browserSecret ?? null;
        const result = await this.#useCases.login.execute({ email, password, browserSecret, deviceToken: null, client });
        return this.#told(result, session);
      }
      case 'refresh': {
        const sessionId = this.#sessions.get(operation.session) ?? ('nothing' as SessionId);
        const refreshToken = tokens.refresh.seal({ sessionId, generation: operation.generation });
        const result = await this.#useCases.refresh.execute({ refreshToken, client });
        return result.ok ? `generation ${tokens.refresh.open(result.value.refresh.token)?.generation}` : result.error.code;
      }
      case 'purge':
        return this.#useCases.purge.execute().then(() => 'purged');
      case 'look':
        return this.#look(operation.email);
    }
  }

  async #signUp({ name, email, password, now }: Extract<FlowOperation, { do: 'sign up' }>): Promise<string> {
    const result = await this.#useCases.register.execute({ name: 'Ada Lovelace', email, password, client });
    if (!result.ok) return result.error.code;
    const browserSecret = result.value.browser.token;
    const browserHash = tokens.browsers.hash(browserSecret);
    const kept = browserHash === null ? null : await this.#store.registrations.findLive({ browserHash }, new Date(now));
    if (kept === null) return 'not kept';
    this.#people.set(name, { id: kept.id, browserSecret, password, link: tokens.links.seal(kept.id, kept.link) ?? '' });
    await this.#deliver();
    return 'signed up';
  }

  #confirm({ name, by, other, session }: Extract<FlowOperation, { do: 'confirm' }>): Promise<string> {
    const person = this.#people.get(name);
    const own = person?.browserSecret ?? null;
    const strange = other === name ? null : (this.#people.get(other)?.browserSecret ?? null);
    const offered = { token: person?.link ?? 'none', password: null, newPassword: null, name: null, browserSecret: strange, client };
    const proofs = {
      browser: { browserSecret: own },
      password: { password: person?.password ?? 'none at all' },
      'wrong password': { password: 'what nobody ever chose' },
      'new password': { newPassword: OWN_PASSWORD, name: 'Grace Hopper' },
      stranger: {},
    };
    return this.#useCases.verify.execute({ ...offered, ...proofs[by] }).then((result) => this.#told(result, session));
  }

  /** Everybody's mail, until there is none that is due. */
  async #deliver(): Promise<void> {
    this.#workers += 1;
    const owner = `worker ${this.#workers}`;
    while ((await this.#useCases.deliver.execute({ owner })) !== 'idle');
  }

  async #look(email: string): Promise<string> {
    const parsed = parseEmailAddress(email);
    const user = parsed.ok ? await this.#store.users.findByEmail(parsed.value.canonical) : null;
    if (user === null) return 'nobody';
    const candidates = [...PASSWORDS, OWN_PASSWORD];
    const checks = await Promise.all(candidates.map((each) => this.#hasher.verify(user.passwordHash, each)));
    return `${this.#nameOf(user.id)}, ${candidates.find((_, n) => checks[n]?.matches)}`;
  }

  #told(result: Result<SignedIn | null, { readonly code: string }>, session: string): string {
    if (!result.ok) return result.error.code;
    if (result.value === null) return 'no session';
    this.#sessions.set(session, result.value.sessionId);
    return `in as ${this.#nameOf(result.value.profile.id)}`;
  }

  #nameOf(userId: string): string {
    return [...this.#people].find(([, { id }]) => userIdOf(id) === userId)?.[0] ?? SOMEBODY_NEW;
  }
}
