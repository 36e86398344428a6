import { type Overrides, openDoor } from './door.ts';
import { emailOf, granted } from './outcome.ts';
import type { Client } from '#application/client.ts';
import type { SignedIn } from '#application/sign-in.ts';
import type { DeliveryRound } from '#application/use-cases/deliver-mail.ts';
import type { User } from '#domain/user.ts';

/** One person's browser: where it is, and its cookie jar. */
export interface Browser {
  ip: string;
  browserSecret: string | null;
  deviceToken: string | null;
  refreshToken: string | null;
  accessToken: string | null;
}

export const PASSWORD = 'a quiet lighthouse';
export const NAME = 'Ada Lovelace';
export const ADDRESS = 'ada@example.com';

export type World = ReturnType<typeof createWorld>;

/** The whole application over the adapters that keep everything in memory, at a time and with limits that the test owns. */
export function createWorld(overrides: Overrides = {}) {
  const door = openDoor(overrides);
  const { useCases, transport, users } = door;
  const nextIp = addresses();
  let worker = 0;

  const world = {
    ...door,

    /** A browser with an empty jar, in a network of its own unless told otherwise. */
    browser: (ip = nextIp()): Browser => ({ ip, browserSecret: null, deviceToken: null, refreshToken: null, accessToken: null }),

    async register(browser: Browser, { email = ADDRESS, name = NAME, password = PASSWORD } = {}) {
      const result = await useCases.register.execute({ email, name, password, client: clientOf(browser) });
      if (result.ok) browser.browserSecret = result.value.browser.token;
      return result;
    },

    view: (browser: Browser) => useCases.view.execute({ browserSecret: browser.browserSecret, client: clientOf(browser) }),

    resend: (browser: Browser, email: string | null = null) =>
      useCases.resend.execute({ email, browserSecret: browser.browserSecret, client: clientOf(browser) }),

    async change(browser: Browser, email: string) {
      const { browserSecret } = browser;
      const result = await useCases.change.execute({ email, browserSecret, client: clientOf(browser) });
      if (result.ok) browser.browserSecret = result.value.browser.token;
      return result;
    },

    disown: (browser: Browser, token: string) => useCases.disown.execute({ token, client: clientOf(browser) }),

    async verify(browser: Browser, token: string, proof: { password?: string; newPassword?: string; name?: string } = {}) {
      const { password = null, newPassword = null, name = null } = proof;
      const { browserSecret } = browser;
      const result = await useCases.verify.execute({ token, password, newPassword, name, browserSecret, client: clientOf(browser) });
      if (result.ok && result.value !== null) keep(browser, result.value);
      return result;
    },

    async login(browser: Browser, { email = ADDRESS, password = PASSWORD } = {}) {
      const { browserSecret, deviceToken } = browser;
      const result = await useCases.login.execute({ email, password, browserSecret, deviceToken, client: clientOf(browser) });
      if (result.ok) keep(browser, result.value);
      return result;
    },

    async refresh(browser: Browser, refreshToken = browser.refreshToken) {
      const result = await useCases.refresh.execute({ refreshToken, client: clientOf(browser) });
      if (result.ok) {
        browser.refreshToken = result.value.refresh.token;
        browser.accessToken = result.value.access.token;
      }
      return result;
    },

    logout: (browser: Browser, refreshToken = browser.refreshToken) => useCases.logout.execute({ refreshToken, client: clientOf(browser) }),

    me: (browser: Browser, accessToken = browser.accessToken) => useCases.profile.execute({ accessToken, client: clientOf(browser) }),

    purge: () => useCases.purge.execute(),

    deliver: (owner = `worker ${++worker}`): Promise<DeliveryRound> => useCases.deliver.execute({ owner }),

    /** Lets a worker do all that is due, or all until the mail server is at fault. Answers what each round came to. */
    async deliverAll(): Promise<DeliveryRound[]> {
      const rounds: DeliveryRound[] = [];
      for (;;) {
        const round = await world.deliver();
        if (round === 'idle') return rounds;
        rounds.push(round);
        if (round === 'transport-down') return rounds;
      }
    },

    /** The letters that came to an address, oldest first. */
    lettersTo: (email = ADDRESS) =>
      transport.taken.filter(({ to }) => to.canonical === emailOf(email).canonical).map(({ letter }) => letter),

    /** The tokens in the links that came to an address, oldest first. */
    tokensTo: (email = ADDRESS): string[] =>
      world.lettersTo(email).flatMap((letter) => (letter.kind === 'confirm-address' ? [letter.link.split('#token=')[1] ?? ''] : [])),

    /** The token in the latest link that came to an address. */
    linkFor(email = ADDRESS): string {
      const token = world.tokensTo(email).at(-1);
      if (token === undefined) throw new Error(`No link came to ${email}.`);
      return token;
    },

    /** A sign-up whose link has come. */
    async signUp(browser: Browser, typed: { email?: string; name?: string; password?: string } = {}): Promise<string> {
      granted(await world.register(browser, typed));
      await world.deliverAll();
      return world.linkFor(typed.email);
    },

    /** Somebody with an account, signed in. */
    async member(typed: { email?: string; name?: string; password?: string } = {}): Promise<Browser> {
      const browser = world.browser();
      granted(await world.verify(browser, await world.signUp(browser, typed)));
      browser.browserSecret = null;
      return browser;
    },

    user: (email = ADDRESS): Promise<User | null> => users.port.findByEmail(emailOf(email).canonical),
  };
  return world;
}

function clientOf({ ip }: Browser): Client {
  return { ip, requestId: 'request-1' };
}

/** Both sign-in procedures set the refresh and the device cookie and clear the registration's. */
function keep(browser: Browser, { refresh, device, access }: SignedIn): void {
  browser.refreshToken = refresh.token;
  browser.deviceToken = device.token;
  browser.accessToken = access.token;
  browser.browserSecret = null;
}

/** Addresses that share no network with each other. */
function addresses(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `10.${count >> 8}.${count & 255}.1`;
  };
}
