import { beforeEach, describe, expect, it } from 'vitest';
import { errorOf, granted } from '../support/outcome.ts';
import { type Browser, createWorld, type World } from '../support/world.ts';
import { Unavailable } from '#application/unavailable.ts';

const NOTHING = { registrations: 0, sessions: 0, messages: 0, more: false };

let world: World;
let browser: Browser;

beforeEach(() => {
  world = createWorld({ limits: { mailPerAddress: null } });
  browser = world.browser();
});

describe('the purge', () => {
  it('removes nothing that lives', async () => {
    const member = await world.member({ email: 'bob@example.com' });
    await world.signUp(browser);

    expect(await world.purge()).toEqual(NOTHING);
    granted(await world.me(member));
    expect(granted(await world.view(browser))).not.toBeNull();
  });

  it('removes a registration at the very instant at which it ends', async () => {
    await world.signUp(browser);
    const end = world.clock.in('30m');
    world.clock.setTo(new Date(end.getTime() - 1));
    expect((await world.purge()).registrations).toBe(0);

    world.clock.setTo(end);
    expect((await world.purge()).registrations).toBe(1);
    expect(world.events.at(-1)).toEqual({ event: 'registrations_purged', count: 1 });
    expect((await world.purge()).registrations).toBe(0);
  });

  it('removes one batch at a time and says whether there is more', async () => {
    for (let count = 0; count < 501; count += 1) await world.register(world.browser(), { email: `ada${count}@example.com` });
    world.clock.advance('24h');

    expect(await world.purge()).toMatchObject({ registrations: 500, more: true });
    expect(await world.purge()).toMatchObject({ registrations: 1, more: false });
  });

  it('never touches an account, whatever becomes of the registration that made it', async () => {
    await world.member();
    const made = await world.user();
    world.clock.advance('90d');
    expect((await world.purge()).registrations).toBe(1);

    expect(await world.user()).toEqual(made);
    granted(await world.login(world.browser()));
  });

  it('spares a registration that a resend sets back before it comes', async () => {
    await world.signUp(browser);
    world.clock.advance('29m');
    granted(await world.resend(browser));
    world.clock.advance('2m');

    expect((await world.purge()).registrations).toBe(0);
    await world.deliverAll();
    granted(await world.verify(browser, world.linkFor()));
  });

  it('removes sessions that were ended or ran out, and no other', async () => {
    const [ended, idle, used] = [await world.member(), world.browser(), world.browser()];
    granted(await world.login(idle));
    granted(await world.login(used));
    await world.logout(ended);
    expect((await world.purge()).sessions).toBe(1);

    world.clock.advance('6d');
    granted(await world.refresh(used));
    world.clock.advance('1d');
    expect((await world.purge()).sessions).toBe(1);
    granted(await world.refresh(used));
    expect(errorOf(await world.refresh(idle)).code).toBe('invalid-refresh-token');
  });

  it('removes sent messages after a day and dead ones after a fortnight', async () => {
    await world.signUp(browser);
    await world.register(world.browser(), { email: 'bob@example.com' });
    world.transport.answerNext({ kind: 'refused', why: '550' });
    await world.deliverAll();

    world.clock.advance('1d');
    expect((await world.purge()).messages).toBe(0);
    world.clock.advance('1ms');
    expect((await world.purge()).messages).toBe(1);
    world.clock.advance('13d');
    expect((await world.purge()).messages).toBe(1);
    expect((await world.purge()).messages).toBe(0);
  });

  it('never removes a message that waits', async () => {
    const member = await world.member();
    const [first] = [member.refreshToken];
    world.transport.answerNext({ kind: 'transport-fault', why: 'down' });
    granted(await world.refresh(member));
    world.clock.advance('2m');
    await world.refresh({ ...member }, first);
    await world.deliverAll();
    world.clock.advance('30d');
    await world.purge();
    await world.deliverAll();

    expect(world.lettersTo().at(-1)?.kind).toBe('session-ended');
  });

  it('may be interrupted and run again', async () => {
    await world.signUp(browser);
    world.clock.advance('1d');
    world.sessions.failOn('sweep');

    await expect(world.purge()).rejects.toThrow(Unavailable);
    expect((await world.purge()).registrations).toBe(0);
  });
});
