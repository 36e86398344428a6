import { beforeEach, describe, expect, it } from 'vitest';
import { errorOf, granted } from '../support/outcome.ts';
import { ADDRESS, type Browser, createWorld, PASSWORD, type World } from '../support/world.ts';

const INVALID = { code: 'invalid-or-expired-token' };

let world: World;
let stranger: Browser;
let owner: Browser;

beforeEach(() => {
  world = createWorld();
  stranger = world.browser();
  owner = world.browser();
});

describe('"this was not me"', () => {
  it('stops the mails of the sign-up, however they are asked for', async () => {
    const token = await world.signUp(stranger);
    expect(granted(await world.disown(owner, token))).toBeNull();

    world.clock.advance('1m');
    granted(await world.resend(stranger));
    granted(await world.resend(world.browser(), ADDRESS));
    await world.deliverAll();
    expect(world.lettersTo()).toHaveLength(1);
  });

  it('is not seen by the browser of the sign-up: every answer and every view is as without it', async () => {
    const seen: unknown[][] = [];
    for (const disowns of [true, false]) {
      world = createWorld();
      const each = world.browser();
      const token = await world.signUp(each);
      if (disowns) granted(await world.disown(owner, token));
      const views: unknown[] = [await world.view(each), await world.login(each)];
      world.clock.advance('2m');
      views.push(await world.resend(each), await world.view(each));
      world.clock.advance('1m');
      await world.deliverAll();
      views.push(await world.view(each), await world.login(each));
      world.clock.advance('30m');
      seen.push([...views, await world.view(each)]);
    }

    expect(seen[0]).toEqual(seen[1]);
  });

  it('leaves the link working, so that a machine that presses it hurts nobody', async () => {
    const token = await world.signUp(stranger);
    granted(await world.disown(owner, token));

    granted(await world.verify(owner, token, { password: PASSWORD }));
  });

  it('does not stop the mails of another sign-up with the address', async () => {
    granted(await world.disown(owner, await world.signUp(stranger)));
    await world.signUp(owner);
    world.clock.advance('1m');
    granted(await world.resend(owner));
    await world.deliverAll();

    expect(world.lettersTo()).toHaveLength(3);
  });

  it('may be said twice', async () => {
    const token = await world.signUp(stranger);
    granted(await world.disown(owner, token));

    expect(granted(await world.disown(owner, token))).toBeNull();
  });

  it('is not heard from whoever does not hold the link, nor once the sign-up is over', async () => {
    const token = await world.signUp(stranger);
    const [id] = token.split('.');
    for (const each of [`${id}.${'A'.repeat(43)}`, id, '', stranger.browserSecret]) {
      expect(errorOf(await world.disown(owner, each ?? ''))).toEqual(INVALID);
    }
    world.clock.advance('1m');
    granted(await world.resend(stranger));
    await world.deliverAll();
    expect(world.lettersTo()).toHaveLength(2);

    world.clock.advance('30m');
    expect(errorOf(await world.disown(owner, token))).toEqual(INVALID);
  });

  it('counts with the confirmations of the link', async () => {
    const token = await world.signUp(stranger);
    world.limiter.openBook();
    await world.disown(owner, token);

    expect(world.limiter.spent).toEqual({ 'confirm-link': 1, 'confirm-host': 1, 'global-host': 1 });
  });
});
