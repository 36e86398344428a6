import { expect, it } from 'vitest';
import { SystemClock } from '#adapters/outbound/system/system-clock.ts';

it('the clock tells the machine’s time, each time anew', () => {
  const clock = new SystemClock();
  const before = Date.now();
  const told = clock.now();
  expect(told.getTime()).toBeGreaterThanOrEqual(before);
  expect(told.getTime()).toBeLessThanOrEqual(Date.now());
  told.setTime(0);
  expect(clock.now().getTime()).toBeGreaterThanOrEqual(before);
});
