import { login, openDoor } from '../door.ts';
import { atMost, type Figure, type Part } from '../figure.ts';
import { fire, median } from '../load.ts';
import { emailOf } from '../stock.ts';
import { makers } from '../stores.ts';

const LOGINS = 200;
const FEW = 1_000;

/** Whether a login gets slower as accounts come: by turns at a service with few and one with many. */
export const measureUsers: Part = async ({ scale, progress }) => {
  const many = Math.round(1_000_000 * scale);
  const figures: Figure[] = [];
  for (const make of makers) {
    const stores = [await make({ users: FEW, progress }), await make({ users: many, progress })];
    const doors = [];
    for (const { env } of stores) doors.push(await openDoor(env));
    const times: [number[], number[]] = [[], []];
    for (let n = 0; n < LOGINS; n += 1) {
      if (n % 50 === 0) progress(`${stores[0]?.kind}: login ${n} of ${LOGINS}`);
      const turns = [...[FEW, many].entries()];
      // By turns, too, who comes first.
      for (const [which, total] of n % 2 === 0 ? turns : turns.toReversed()) {
        const { status, ms } = await fire(doors[which]?.url ?? '', undefined, login(emailOf((n * 7_919) % total)));
        if (status !== 200) throw new Error(`A login got ${status}.`);
        if (n >= LOGINS / 10) times[which]?.push(ms);
      }
    }
    for (const door of doors) await door.stop();
    for (const store of stores) await store.close();
    const [few, more] = times;
    figures.push(atMost(`login with ${many} users ÷ with ${FEW}, ${stores[0]?.kind}`, 1.15, median(more) / median(few)));
  }
  return figures;
};
