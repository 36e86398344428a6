import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startDispatcher, type Dispatcher, type DispatcherDeps } from '#adapters/inbound/scheduler/dispatcher.ts';
import type { DeliveryRound } from '#application/use-cases/deliver-mail.ts';
import { Unavailable } from '#application/unavailable.ts';

type Round = DeliveryRound | Error | Promise<DeliveryRound>;

let dispatcher: Dispatcher;
let owners: string[];
let errors: unknown[];
let transport: ('down' | 'up')[];
let probes: number;

beforeEach(() => {
  vi.useFakeTimers();
  [owners, errors, transport, probes] = [[], [], [], 0];
});
afterEach(async () => {
  const stopped = dispatcher.stop(0);
  await vi.advanceTimersByTimeAsync(1);
  await stopped;
  vi.useRealTimers();
});

/** Workers whose rounds come out as told; `idle` when nothing is told any more. */
function start(round: () => Round | undefined, probe: () => boolean = () => true, overrides: Partial<DispatcherDeps> = {}): void {
  dispatcher = startDispatcher({
    deliverMail: {
      execute: async ({ owner }) => {
        owners.push(owner);
        const outcome = round() ?? 'idle';
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
    },
    transport: {
      probe: async () => {
        probes += 1;
        return probe();
      },
    },
    owner: 'one',
    workers: 5,
    pollMs: 1_000,
    probeEveryMs: 5_000,
    onError: (error) => errors.push(error),
    onTransport: (state) => transport.push(state),
    ...overrides,
  });
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const told =
  (...rounds: Round[]) =>
  () =>
    rounds.shift();
/** Rounds since the last look. */
const news = () => owners.splice(0);

describe('workers', () => {
  it('each have a name of their own', async () => {
    start(told());
    await pass(0);
    expect(news().sort()).toEqual(['one:0', 'one:1', 'one:2', 'one:3', 'one:4']);
  });

  it('take up one message after another until none is due, and then look once a poll', async () => {
    start(told('settled', 'settled', 'settled'), undefined, { workers: 1 });
    await pass(0);
    expect(news()).toHaveLength(4);
    await pass(999);
    expect(news()).toHaveLength(0);
    await pass(1);
    expect(news()).toHaveLength(1);
  });

  it('look at once when woken', async () => {
    start(told());
    await pass(10);
    news();
    dispatcher.wake();
    await pass(0);
    expect(news()).toHaveLength(5);
  });

  it('hear a ring that comes while they look', async () => {
    let found = (_round: DeliveryRound) => {};
    const looking = new Promise<DeliveryRound>((resolve) => {
      found = resolve;
    });
    start(told(looking), undefined, { workers: 1 });
    await pass(0);
    dispatcher.wake();
    found('idle');
    await pass(0);
    expect(news()).toHaveLength(2);
  });
});

describe('a database that is gone', () => {
  const gone = () => new Unavailable('gone');

  it('is told once an outage, not once a try, and asked once a poll by each worker', async () => {
    start(gone);
    await pass(3_500);
    expect(errors).toHaveLength(1);
    expect(news()).toHaveLength(4 * 5);
  });

  it('is told again when it goes again', async () => {
    start(told(gone(), 'settled', gone(), gone()), undefined, { workers: 1 });
    await pass(5_000);
    expect(errors).toHaveLength(2);
  });

  it('is not asked more often for being rung', async () => {
    start(gone, undefined, { workers: 1 });
    await pass(10);
    news();
    for (let ring = 0; ring < 20; ring += 1) dispatcher.wake();
    await pass(500);
    expect(news()).toHaveLength(0);
  });

  it('does not hide what nobody expected', async () => {
    const bug = new Error('a bug');
    start(told(gone(), bug, bug), undefined, { workers: 1 });
    await pass(3_000);
    expect(errors.filter((error) => error === bug)).toHaveLength(2);
  });
});

describe('a mail server at fault', () => {
  it('gets no mail from anybody, and is probed every 5 s by one for all', async () => {
    start(told('transport-down'), () => false);
    await pass(0);
    expect([transport, dispatcher.isTransportDown()]).toEqual([['down'], true]);
    await pass(1_000);
    news();
    dispatcher.wake();
    await pass(15_000);
    expect([news(), probes, transport]).toEqual([[], 3, ['down']]);
  });

  it('gets one mail first when it answers again, and then all workers’', async () => {
    let taken = (_round: DeliveryRound) => {};
    const first = new Promise<DeliveryRound>((resolve) => {
      taken = resolve;
    });
    const rounds: Round[] = ['transport-down'];
    start(() => rounds.shift());
    await pass(1_000);
    news();
    rounds.push(first);
    await pass(4_000);
    expect([news(), dispatcher.isTransportDown()]).toEqual([['one:prober'], true]);
    taken('settled');
    await pass(0);
    expect(new Set(news()).size).toBe(5);
    expect([transport, dispatcher.isTransportDown()]).toEqual([['down', 'up'], false]);
  });

  it('that lets us in but refuses our mail gets one every 5 s', async () => {
    start(() => 'transport-down');
    await pass(0);
    news();
    await pass(20_000);
    expect(news()).toEqual(['one:prober', 'one:prober', 'one:prober', 'one:prober']);
    expect(transport).toEqual(['down']);
  });

  it('is waited for by several who met it at once, and told of once', async () => {
    const meeting = Promise.resolve<DeliveryRound>('transport-down');
    start(told(meeting, meeting, meeting, meeting, meeting), () => false);
    await pass(6_000);
    expect([transport, probes]).toEqual([['down'], 1]);
  });

  it('is given up at once on stop', async () => {
    start(told('transport-down'), () => false);
    await pass(100);
    await dispatcher.stop();
    await pass(20_000);
    expect(probes).toBe(0);
    expect(transport).toEqual(['down']);
  });
});

describe('stop', () => {
  it('waits for what is being sent, and takes up nothing more', async () => {
    let sent = (_round: DeliveryRound) => {};
    const sending = new Promise<DeliveryRound>((resolve) => {
      sent = resolve;
    });
    start(told(sending), undefined, { workers: 1 });
    await pass(0);
    let stopped = false;
    const stopping = dispatcher.stop().then(() => {
      stopped = true;
    });
    await pass(3_000);
    expect(stopped).toBe(false);
    sent('settled');
    await stopping;
    expect(news()).toHaveLength(1);
  });

  it('waits no longer than the deadline, and what fails afterwards is nobody’s business', async () => {
    let fail = (_error: Error) => {};
    const hanging = new Promise<DeliveryRound>((_resolve, reject) => {
      fail = reject;
    });
    start(told(hanging), undefined, { workers: 1 });
    await pass(0);
    const stopping = dispatcher.stop(2_000);
    await pass(2_000);
    await stopping;
    fail(new Unavailable('closed'));
    await pass(0);
    expect(errors).toEqual([]);
  });

  it('ends rests at once, leaves no timer behind, and may be called twice', async () => {
    start(told());
    await pass(10);
    await Promise.all([dispatcher.stop(), dispatcher.stop()]);
    expect(vi.getTimerCount()).toBe(0);
    dispatcher.wake();
    news();
    await pass(5_000);
    expect(news()).toEqual([]);
  });
});
