import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, errorDataOf, type Http, openHttp, resultOf } from '../../../support/http.ts';
import { ADDRESS, NAME, PASSWORD } from '../../../support/world.ts';
import { appRouter } from '#adapters/inbound/trpc/app-router.ts';

let http: Http;
beforeEach(async () => {
  http = await openHttp();
});
afterEach(() => http.close());

/** The names of the cookies that an answer sets and of those that it clears, without prefix. */
function cookiesOf({ cookies }: Answer) {
  const nameOf = (cookie: string) => cookie.replace('__Host-', '').split('=')[0];
  const cleared = cookies.filter((cookie) => cookie.includes('Max-Age=0;'));
  return { set: cookies.filter((cookie) => !cleared.includes(cookie)).map(nameOf), cleared: cleared.map(nameOf) };
}

/** The Cookie header that a browser would send back. */
const jar = (...answers: Answer[]) => ({ cookie: answers.flatMap(({ cookies }) => cookies.map((line) => line.split(';')[0])).join('; ') });
const none = { set: [], cleared: [] };

const register = () => http.call('auth.register', { name: NAME, email: ADDRESS, password: PASSWORD });
async function mailedToken(): Promise<string> {
  await http.door.useCases.deliver.execute({ owner: 'worker' });
  const letter = http.door.transport.taken.at(-1)?.letter;
  return letter?.kind === 'confirm-address' ? (letter.link.split('#token=')[1] ?? '') : '';
}
async function signedUp() {
  const signUp = await register();
  const confirmed = await http.call('auth.verifyEmail', { token: await mailedToken() }, jar(signUp));
  return { signUp, confirmed, session: (resultOf(confirmed) as { session: { accessToken: string } }).session };
}
const user = {
  id: expect.stringMatching(/^[\w-]{10,}$/),
  name: NAME,
  email: ADDRESS,
  createdAt: '2030-01-01T12:00:00.000Z',
  lastLoginAt: '2030-01-01T12:00:00.000Z',
};
const grant = { accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), expiresInSeconds: 900 };

it('are these procedures and no others', () => {
  expect(Object.keys(appRouter._def.procedures).sort()).toEqual([
    'auth.changeRegistrationEmail',
    'auth.disownRegistration',
    'auth.login',
    'auth.logout',
    'auth.me',
    'auth.refresh',
    'auth.register',
    'auth.registration',
    'auth.resendVerification',
    'auth.verifyEmail',
  ]);
});

describe('register', () => {
  it('answers what to do next, and marks the browser', async () => {
    const answer = await register();
    expect(resultOf(answer)).toEqual({ status: 'check-your-inbox', expiresInSeconds: 1_800 });
    expect(cookiesOf(answer)).toEqual({ set: ['registration'], cleared: [] });
  });

  it('tells what is weak about a password', async () => {
    const answer = await http.call('auth.register', { name: NAME, email: ADDRESS, password: 'short' });
    expect([answer.status, errorDataOf(answer)]).toMatchObject([400, { reason: 'weak-password', problem: 'too-short' }]);
    expect(answer.cookies).toEqual([]);
  });

  it('tells which field breaks a rule, by a code', async () => {
    const answer = await http.call('auth.register', { name: ' ', email: 'no address', password: PASSWORD });
    expect(errorDataOf(answer)).toMatchObject({ reason: 'invalid-input', fields: { name: 'empty', email: expect.any(String) } });
    expect(answer.body).not.toContain('no address');
  });
});

describe('registration', () => {
  it('shows a browser its own, with times as ISO 8601', async () => {
    const signUp = await register();
    await mailedToken();
    expect(resultOf(await http.send('/trpc/auth.registration', { headers: jar(signUp) }))).toEqual({
      email: ADDRESS,
      state: 'waiting',
      mail: 'sent',
      expiresAt: '2030-01-01T12:30:00.000Z',
      resendAvailableAt: '2030-01-01T12:01:00.000Z',
    });
  });

  it('is null for everybody else', async () => {
    await register();
    expect(resultOf(await http.send('/trpc/auth.registration'))).toBeNull();
    expect(resultOf(await http.send('/trpc/auth.registration', { headers: { cookie: '__Host-registration=forged' } }))).toBeNull();
  });
});

describe('resendVerification', () => {
  it('by cookie or by address answers as register does, and sets nothing', async () => {
    const signUp = await register();
    http.door.clock.advance('61s');
    for (const answer of [
      await http.call('auth.resendVerification', {}, jar(signUp)),
      await http.call('auth.resendVerification', { email: 'nobody@example.com' }),
    ]) {
      expect(resultOf(answer)).toEqual({ status: 'check-your-inbox', expiresInSeconds: 1_800 });
      expect(cookiesOf(answer)).toEqual(none);
    }
  });

  it('by neither is invalid-input', async () => {
    const answer = await http.call('auth.resendVerification', {});
    expect([answer.status, errorDataOf(answer).reason]).toEqual([400, 'invalid-input']);
  });
});

describe('verifyEmail', () => {
  it('in the same browser signs in, and ends the browser’s sign-up', async () => {
    const { confirmed } = await signedUp();
    expect(resultOf(confirmed)).toEqual({ status: 'verified', session: { ...grant, user } });
    expect(cookiesOf(confirmed)).toEqual({ set: ['device', 'refresh'], cleared: ['registration'] });
  });

  it('elsewhere asks for proof and tells whose, and sets nothing', async () => {
    await register();
    const token = await mailedToken();
    for (const [proof, reason, status] of [
      [{}, 'proof-required', 403],
      [{ password: 'not the password' }, 'invalid-credentials', 401],
    ] as const) {
      const answer = await http.call('auth.verifyEmail', { token, ...proof });
      expect([answer.status, errorDataOf(answer)]).toMatchObject([status, { reason, email: ADDRESS }]);
      expect(cookiesOf(answer)).toEqual(none);
    }
  });

  it('where the link alone is proof gives no session and sets nothing', async () => {
    await http.close();
    http = await openHttp({}, { proof: 'token' });
    await register();
    const answer = await http.call('auth.verifyEmail', { token: await mailedToken() });
    expect(resultOf(answer)).toEqual({ status: 'verified', session: null });
    expect(cookiesOf(answer)).toEqual(none);
  });

  it('pressed again says so', async () => {
    await signedUp();
    const letter = http.door.transport.taken.at(-1)?.letter;
    const token = letter?.kind === 'confirm-address' ? letter.link.split('#token=')[1] : '';
    const answer = await http.call('auth.verifyEmail', { token });
    expect([answer.status, errorDataOf(answer).reason]).toEqual([409, 'already-verified']);
  });
});

describe('login', () => {
  it('gives a session, marks the browser and ends its sign-up', async () => {
    await signedUp();
    http.door.clock.advance('1h');
    const answer = await http.call('auth.login', { email: ADDRESS, password: PASSWORD });
    expect(resultOf(answer)).toEqual({ ...grant, user: { ...user, lastLoginAt: '2030-01-01T13:00:00.000Z' } });
    expect(cookiesOf(answer)).toEqual({ set: ['device', 'refresh'], cleared: ['registration'] });
  });

  it('refused sets and clears nothing, and names no address', async () => {
    const signUp = await register();
    const answer = await http.call('auth.login', { email: ADDRESS, password: 'wrong password' }, jar(signUp));
    expect([answer.status, errorDataOf(answer)]).toEqual([
      401,
      { code: 'UNAUTHORIZED', httpStatus: 401, path: 'auth.login', reason: 'invalid-credentials' },
    ]);
    expect(cookiesOf(answer)).toEqual(none);
  });
});

describe('refresh', () => {
  it('trades the cookie for a new one, and answers nothing of the user', async () => {
    const { confirmed } = await signedUp();
    const answer = await http.call('auth.refresh', undefined, jar(confirmed));
    expect(resultOf(answer)).toEqual(grant);
    expect(cookiesOf(answer)).toEqual({ set: ['refresh'], cleared: [] });
  });

  it.each(['', '__Host-refresh=forged', 'refresh=plain'])('refused leaves the cookies alone, with "%s"', async (cookie) => {
    const answer = await http.call('auth.refresh', {}, { cookie });
    expect([answer.status, errorDataOf(answer).reason]).toEqual([401, 'invalid-refresh-token']);
    expect(cookiesOf(answer)).toEqual(none);
  });
});

describe('logout', () => {
  it('ends the session, and its cookie, with an access token or without; may be repeated', async () => {
    const { confirmed, session } = await signedUp();
    for (let time = 0; time < 2; time += 1) {
      const answer = await http.call('auth.logout', {}, jar(confirmed));
      expect(resultOf(answer)).toEqual({ status: 'signed-out' });
      expect(cookiesOf(answer)).toEqual({ set: [], cleared: ['refresh'] });
      expect(answer.headers['clear-site-data']).toBe('"cache"');
    }
    const { status } = await http.send('/trpc/auth.me', { headers: { authorization: `Bearer ${session.accessToken}` } });
    expect(status).toBe(401);
  });
});

describe('me', () => {
  it('tells who calls, and not one field more', async () => {
    const { session } = await signedUp();
    const answer = await http.send('/trpc/auth.me', { headers: { authorization: `Bearer ${session.accessToken}` } });
    expect(resultOf(answer)).toEqual(user);
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', 'Bearer a.b.c', 'Bearer <script>'])(
    'refuses "%s" alike',
    async (authorization) => {
      const answer = await http.send('/trpc/auth.me', { headers: { authorization } });
      expect([answer.status, errorDataOf(answer).reason]).toEqual([401, 'unauthenticated']);
    },
  );
});
