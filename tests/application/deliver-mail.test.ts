import { beforeEach, describe, expect, it } from 'vitest';
import { emailOf, errorOf, granted } from '../support/outcome.ts';
import { ADDRESS, type Browser, createWorld, type World } from '../support/world.ts';
import { HmacTokenMint } from '#adapters/outbound/crypto/hmac-token-mint.ts';
import { generateKeys } from '#adapters/outbound/crypto/generate-keys.ts';
import { parseTokenKeys } from '#adapters/outbound/crypto/token-keys.ts';
import type { Delivery } from '#application/ports/mail-transport.ts';
import { Unavailable } from '#application/unavailable.ts';
import { DeliverMail, type DeliveryRound } from '#application/use-cases/deliver-mail.ts';
import type { MessageId, RegistrationId, SessionId, UserId } from '#domain/ids.ts';
import type { MailIntent } from '#domain/mail-intent.ts';

const TAKEN = 'taken@example.com';

let world: World;
let browser: Browser;

beforeEach(() => {
  world = createWorld();
  browser = world.browser();
});

const see = async (each = browser) => granted(await world.view(each));
const attempts = () => world.transport.attempts.map(({ messageId }) => messageId);
const kinds = (email = ADDRESS) => world.lettersTo(email).map(({ kind }) => kind);

async function queue(intent: MailIntent, id = 'message-1'): Promise<void> {
  await world.outbox.port.add({ id: id as MessageId, key: id, intent, createdAt: world.clock.now() });
}

const forAddress = (email: string): MailIntent => ({ kind: 'address', email: emailOf(email), network: '192.0.2.0/24' });

describe('what an address deserves', () => {
  it('is nothing to do when nothing is due', async () => {
    expect(await world.deliver()).toBe('idle');
  });

  it('is the link of its live sign-up: an address, a token and nothing that was typed', async () => {
    await world.register(browser, { name: 'Visit evil dot example', email: 'Ada@EXAMPLE.com' });
    await world.deliverAll();

    const [mail] = world.transport.taken;
    expect(mail?.to).toEqual({ mailbox: 'Ada@EXAMPLE.com', canonical: ADDRESS });
    expect(mail?.letter).toEqual({
      kind: 'confirm-address',
      link: expect.stringMatching(/^https:\/\/app\.example\/verify#token=[\w-]{22}\.[\w-]{43}$/),
      disownLink: expect.stringMatching(/^https:\/\/app\.example\/verify#disown=[\w-]{22}\.[\w-]{43}$/),
      livesMs: 30 * 60_000,
    });
    expect(JSON.stringify(mail)).not.toContain('evil');
  });

  it('is "you already have an account" when another user has it', async () => {
    await world.member();
    await world.register(browser);
    await world.deliverAll();

    expect(world.lettersTo().at(-1)).toEqual({ kind: 'account-exists', signInUrl: 'https://app.example/' });
    expect(kinds()).toEqual(['confirm-address', 'account-exists']);
  });

  it('is nothing when its own sign-up made the user', async () => {
    await world.register(browser);
    await world.deliver();
    world.clock.advance('1m');
    await world.resend(browser);
    granted(await world.verify(browser, world.linkFor()));

    expect(await world.deliverAll()).toEqual(['settled']);
    expect(kinds()).toEqual(['confirm-address']);
  });

  it('is nothing when its sign-up is over', async () => {
    await world.register(browser);
    world.clock.advance('24h');

    expect(await world.deliverAll()).toEqual(['settled']);
    expect(attempts()).toEqual([]);
  });

  it('is nothing when its sign-up was ended', async () => {
    await world.register(browser);
    const live = await world.registrations.port.findLive({ email: emailOf(ADDRESS).canonical }, world.clock.now());
    await world.registrations.port.end(live?.id as RegistrationId, world.clock.now());

    expect(await world.deliverAll()).toEqual(['settled']);
    expect(attempts()).toEqual([]);
  });

  it('is nothing when somebody asks for a free one', async () => {
    await queue(forAddress('free@example.com'));

    expect(await world.deliverAll()).toEqual(['settled']);
    expect(attempts()).toEqual([]);
  });

  it('is "you already have an account" when its owner asks for it right after confirming', async () => {
    const member = await world.member();
    world.clock.advance('1m');
    granted(await world.resend(member, ADDRESS));
    await world.deliverAll();

    expect(kinds()).toEqual(['confirm-address', 'account-exists']);
  });

  it('is the link of a sign-up that its owner does not disown, when somebody asks for it', async () => {
    const token = await world.signUp(browser);
    world.clock.advance('1m');
    const disowned = await world.signUp(world.browser());
    await world.registrations.port.disown(disowned.split('.')[0] as RegistrationId, world.clock.now());
    await queue(forAddress(ADDRESS));
    await world.deliverAll();

    expect(world.linkFor()).toBe(token);
  });

  it('goes to the mailbox that signed up or has the account, not to the one that somebody typed in other letters', async () => {
    await world.signUp(browser, { email: 'ada@example.com' });
    await world.member({ email: TAKEN });
    world.clock.advance('1h');
    await world.register(browser, { email: 'ada@example.com' });
    await queue(forAddress('ADA@example.com'), 'message-1');
    await queue(forAddress('Taken@example.com'), 'message-2');
    await world.deliverAll();

    const mailboxes = world.transport.taken.map(({ to }) => to.mailbox);
    expect(mailboxes).toEqual(['ada@example.com', TAKEN, 'ada@example.com', 'ada@example.com', TAKEN]);
  });

  it('is the notice of an ended session, to the address of its owner', async () => {
    const member = await world.member();
    const user = await world.user();
    const noticedAt = world.clock.now();
    const { sessionId } = world.tokens.refresh.open(member.refreshToken ?? '') ?? expect.fail();
    world.clock.advance('1m');
    await queue({ kind: 'refresh-reuse', sessionId, userId: user?.id as UserId, noticedAt });
    await world.deliverAll();

    expect(world.lettersTo().at(-1)).toEqual({ kind: 'session-ended', noticedAt });
    expect(errorOf(await world.me(member)).code).toBe('unauthenticated');
  });

  it('is no notice for a user whom nobody knows', async () => {
    await queue({ kind: 'refresh-reuse', sessionId: 'none' as SessionId, userId: 'none' as UserId, noticedAt: world.clock.now() });

    expect(await world.deliverAll()).toEqual(['settled']);
    expect(attempts()).toEqual([]);
  });
});

describe('a link whose key is gone', () => {
  it('is given up, and looks the same whether or not an account has the address', async () => {
    await world.member({ email: TAKEN });
    const [free, taken] = [world.browser(), world.browser()];
    await world.register(free);
    await world.register(taken, { email: TAKEN });
    const tokens = new HmacTokenMint(parseTokenKeys((await generateKeys()).tokenKeys));
    const elsewhere = new DeliverMail({ ...world.deps, tokens, policy: world.policies.mail });
    while ((await elsewhere.execute({ owner: 'elsewhere' })) !== 'idle');

    expect((await see(free))?.mail).toBe('failed');
    expect((await see(taken))?.mail).toBe('failed');
    expect(attempts()).toHaveLength(1);
  });
});

describe('what the mail server says', () => {
  const answer = async (delivery: Delivery): Promise<DeliveryRound> => {
    await world.register(browser);
    world.transport.answerNext(delivery);
    return world.deliver();
  };

  it('accepted: sent, and never again', async () => {
    expect(await answer({ kind: 'accepted' })).toBe('settled');
    world.clock.advance('1h');

    expect(await world.deliver()).toBe('idle');
    expect(attempts()).toHaveLength(1);
  });

  it('refused: dead at once, and its browser is told', async () => {
    expect(await answer({ kind: 'refused', why: '550 5.1.1' })).toBe('settled');
    expect(await see()).toMatchObject({ mail: 'failed', expiresAt: world.clock.in('24h') });
    world.clock.advance('1h');

    expect(await world.deliver()).toBe('idle');
  });

  it('refused: the browser may ask again', async () => {
    await answer({ kind: 'refused', why: '550 5.1.1' });
    world.clock.advance('1m');
    granted(await world.resend(browser));
    await world.deliverAll();

    expect((await see())?.mail).toBe('sent');
  });

  it('deferred: again after a wait that doubles, to the instant', async () => {
    await world.register(browser);
    for (const wait of ['1s', '2s', '4s', '8s'] as const) {
      world.transport.answerNext({ kind: 'deferred', why: '451' });
      expect(await world.deliver()).toBe('settled');
      expect((await see())?.mail).toBe('queued');
      const due = world.clock.in(wait);
      world.clock.setTo(new Date(due.getTime() - 1));
      expect(await world.deliver()).toBe('idle');
      world.clock.setTo(due);
    }
    await world.deliver();

    expect(new Set(attempts()).size).toBe(1);
    expect(new Set(world.transport.attempts.map(({ letter }) => JSON.stringify(letter))).size).toBe(1);
    expect((await see())?.mail).toBe('sent');
  });

  it('deferred: sooner by chance', async () => {
    world = createWorld({ random: () => 1 });
    await answer({ kind: 'deferred', why: '451' });
    world.clock.advance('500ms');

    expect(await world.deliver()).toBe('settled');
  });

  it('deferred: others go on meanwhile', async () => {
    await answer({ kind: 'deferred', why: '451' });
    await world.signUp(world.browser(), { email: 'bob@example.com' });

    expect(kinds('bob@example.com')).toEqual(['confirm-address']);
  });

  it.each(['deferred', 'unanswered'] as const)('%s: dead when it is more than a day old', async (kind) => {
    const member = await world.member();
    const user = await world.user();
    const { sessionId } = world.tokens.refresh.open(member.refreshToken ?? '') ?? expect.fail();
    await queue({ kind: 'refresh-reuse', sessionId, userId: user?.id as UserId, noticedAt: world.clock.now() });
    world.clock.advance('24h');
    world.transport.answerNext({ kind, why: 'not now' });
    await world.deliver();
    world.clock.advance('2s');
    world.transport.answerNext({ kind, why: 'not now' });
    expect(await world.deliver()).toBe('settled');

    world.clock.advance('1d');
    expect(await world.deliver()).toBe('idle');
  });

  it('nothing, while a probe gets through: the fault of the mail, which backs off', async () => {
    expect(await answer({ kind: 'unanswered', why: 'stalled' })).toBe('settled');
    expect(await world.deliver()).toBe('idle');
    world.clock.advance('1s');

    expect(await world.deliver()).toBe('settled');
    expect((await see())?.mail).toBe('sent');
  });

  it('nothing, and nothing to a probe: the fault of the server, and the mail is due at once', async () => {
    world.transport.setReachable(false);
    expect(await answer({ kind: 'unanswered', why: 'stalled' })).toBe('transport-down');

    expect((await see())?.mail).toBe('queued');
    expect(await world.deliver()).toBe('settled');
    expect((await see())?.mail).toBe('sent');
  });

  it('that it will not have us: the fault of the server, and nothing counted against the mail', async () => {
    await world.register(browser);
    for (let count = 0; count < 50; count += 1) {
      world.transport.answerNext({ kind: 'transport-fault', why: '535' });
      expect(await world.deliver()).toBe('transport-down');
    }
    world.transport.answerNext({ kind: 'deferred', why: '451' });
    await world.deliver();
    world.clock.advance('1s');

    expect(await world.deliver()).toBe('settled');
    expect((await see())?.mail).toBe('sent');
  });
});

describe('the cap on mails that strangers cause', () => {
  it('lets six to an address out of one network, and holds the rest for good', async () => {
    const browsers = Array.from({ length: 8 }, (_, index) => world.browser(`192.0.2.${index + 1}`));
    for (const each of browsers) await world.register(each);
    await world.deliverAll();

    expect((await Promise.all(browsers.map(see))).map((view) => view?.mail)).toEqual([
      ...Array.from({ length: 6 }, () => 'sent'),
      ...['held', 'held'],
    ]);
    expect(await see(browsers[7])).toMatchObject({ expiresAt: world.clock.in('24h') });

    world.limiter.closeWindows();
    world.clock.advance('12h');
    expect(await world.deliverAll()).toEqual([]);
    expect(kinds()).toHaveLength(6);
  });

  it('lets twenty to an address out of all, however they are asked for, and the answer never changes', async () => {
    const answers = new Set<string>();
    for (let count = 0; count < 100; count += 1) {
      if (count % 2 === 0) answers.add(String(granted(await world.register(world.browser())).ttlMs));
      else await queue({ kind: 'address', email: emailOf(ADDRESS), network: `10.${count}.0.0/24` }, `message-${count}`);
    }
    expect(await world.deliverAll()).toHaveLength(100);

    expect(answers.size).toBe(1);
    expect(kinds()).toHaveLength(20);
  });

  it('counts a free address like a taken one, before anything is looked up', async () => {
    world = createWorld({ limits: { mailPerAddress: { points: 1, windowMs: 60_000 } } });
    await queue(forAddress('free@example.com'), 'message-1');
    await world.deliver();
    expect(world.limiter.spent).toMatchObject({ 'mail-address-network': 1, 'mail-address': 1 });

    await queue(forAddress('free@example.com'), 'message-2');
    const looks = () => world.registrations.calls('findLive') + world.users.calls('findByEmail') + world.users.calls('find');
    const before = looks();
    await world.deliver();
    expect(looks()).toBe(before);
  });

  it('counts a mail once, however often it is tried', async () => {
    await world.register(browser);
    world.limiter.openBook();
    world.transport.answerNext({ kind: 'transport-fault', why: 'down' }, { kind: 'deferred', why: '451' });
    await world.deliver();
    await world.deliver();
    world.clock.advance('1s');
    await world.deliver();

    expect(kinds()).toEqual(['confirm-address']);
    expect(world.limiter.spent).toEqual({ 'mail-address-network': 1, 'mail-address': 1 });
  });

  it('holds for good, though the word of it was lost at the first claim', async () => {
    world = createWorld({ limits: { mailPerAddress: { points: 1, windowMs: 60_000 } } });
    await queue(forAddress('free@example.com'), 'message-1');
    await world.deliver();
    await world.register(browser, { email: 'free@example.com' });
    world.outbox.failOn('settle');
    await expect(world.deliver()).rejects.toThrow('took it away');
    world.clock.advance('41s');

    expect(await world.deliver()).toBe('settled');
    expect(kinds('free@example.com')).toEqual([]);
  });

  it('is off when the operator turns it off', async () => {
    world = createWorld({ limits: { mailPerAddress: null } });
    for (let count = 0; count < 25; count += 1) await world.register(world.browser('192.0.2.1'));
    await world.deliverAll();

    expect(kinds()).toHaveLength(25);
  });
});

describe('a worker that dies', () => {
  it('after the mail left sends one more copy, with the same id and the same link', async () => {
    await world.register(browser);
    world.outbox.failOn('settle');
    await expect(world.deliver()).rejects.toThrow(Unavailable);
    expect(await world.deliver()).toBe('idle');
    world.clock.advance('40s');

    expect(await world.deliverAll()).toEqual(['settled']);
    expect(world.transport.taken).toHaveLength(2);
    expect(new Set(attempts()).size).toBe(1);
    expect(new Set(world.tokensTo()).size).toBe(1);
  });

  it('after the mail left has started the clock before it marks the message', async () => {
    await world.register(browser);
    world.outbox.failOn('settle');
    await expect(world.deliver()).rejects.toThrow(Unavailable);

    expect(await see()).toMatchObject({ mail: 'sent', expiresAt: world.clock.in('30m') });
  });

  it('between the two leaves no message marked without its clock', async () => {
    await world.register(browser);
    world.registrations.failOn('recordMail');
    await expect(world.deliver()).rejects.toThrow(Unavailable);
    expect((await see())?.mail).toBe('queued');
    world.clock.advance('40s');
    await world.deliverAll();

    expect((await see())?.mail).toBe('sent');
  });

  it('before it sent leaves the message to others when its lease is over, and not before', async () => {
    await world.register(browser);
    world.registrations.failOn('findLive');
    await expect(world.deliver()).rejects.toThrow(Unavailable);
    world.clock.advance('39999ms');
    expect(await world.deliver()).toBe('idle');
    world.clock.advance('1ms');

    expect(await world.deliver()).toBe('settled');
    expect(kinds()).toEqual(['confirm-address']);
  });

  it('and comes back too late cannot mark what another has taken up', async () => {
    await world.register(browser);
    let answer: (delivery: Delivery) => void = () => {};
    world.transport.answerNext(new Promise((resolve) => (answer = resolve)));
    const late = world.deliver();
    await expect.poll(attempts).toHaveLength(1);
    world.clock.advance('41s');
    world.transport.answerNext({ kind: 'deferred', why: '451' });
    await world.deliver();
    answer({ kind: 'refused', why: '550' });
    await late;
    world.clock.advance('1s');

    expect(await world.deliver()).toBe('settled');
    expect(kinds()).toEqual(['confirm-address']);
  });
});

describe('many workers', () => {
  it('send every mail once', async () => {
    for (let count = 0; count < 40; count += 1) await world.register(world.browser(), { email: `ada${count}@example.com` });

    await Promise.all(Array.from({ length: 4 }, () => world.deliverAll()));

    expect(world.transport.taken).toHaveLength(40);
    expect(new Set(attempts()).size).toBe(40);
  });
});

describe('a poisoned row', () => {
  it.each(['ada@example.com\r\nBcc: eve@example.com', 'ada@example.com, eve@example.com', 'Ada <ada@example.com>'])(
    'is given up with nothing on the wire, and others go on: %j',
    async (mailbox) => {
      const token = await world.signUp(browser);
      const registration = await world.registrations.port.findLive({ id: token.split('.')[0] as RegistrationId }, world.clock.now());
      if (registration === null) return expect.fail();
      const email = { ...registration.email, mailbox };
      const id = 'poisoned' as RegistrationId;
      await world.registrations.port.add({ ...registration, id, email, browserHash: 'none' as never });
      await queue({ kind: 'registration', registrationId: id, email, network: '192.0.2.0/24' });
      await world.register(world.browser(), { email: 'bob@example.com' });
      const before = attempts().length;

      expect(await world.deliverAll()).toEqual(['settled', 'settled']);

      expect(attempts()).toHaveLength(before + 1);
      expect(kinds('bob@example.com')).toEqual(['confirm-address']);
      world.clock.advance('1h');
      expect(await world.deliver()).toBe('idle');
    },
  );
});

describe('a message that cannot be handled, for a reason that nobody foresaw,', () => {
  it('is told, waits longer each time like one that is refused, and leaves when it can be', async () => {
    await world.register(browser);
    const bug = () => world.registrations.before('findLive', async () => expect.fail('a bug'));
    bug();
    await expect(world.deliver()).rejects.toThrow('a bug');
    expect(await world.deliver()).toBe('idle');

    world.clock.advance('1s');
    bug();
    await expect(world.deliver()).rejects.toThrow('a bug');
    world.clock.advance('1s');
    expect(await world.deliver()).toBe('idle');
    world.clock.advance('1s');
    expect(await world.deliver()).toBe('settled');
    expect(kinds()).toEqual(['confirm-address']);
  });
});
