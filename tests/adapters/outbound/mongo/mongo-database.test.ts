import { createConnection, mongo } from 'mongoose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Command, MongoDatabase } from '#adapters/outbound/mongo/mongo-database.ts';
import { Unavailable } from '#application/unavailable.ts';

const serverSays = (code: number) => new mongo.MongoServerError({ message: `code ${code}`, code });
const notPrimary = serverSays(10_107);
const steppedDown = serverSays(189);
const cut = new mongo.MongoNetworkError('connection closed');
/** As the driver hands it on when it writes to a socket that the server has ended. */
const ended = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
const tooSlow = new mongo.MongoNetworkTimeoutError('timed out');
const unconfirmed = new mongo.MongoWriteConcernError({ ok: 1, writeConcernError: { code: 10_107, errmsg: 'not primary any more' } });
const noneThere = new mongo.MongoNotConnectedError('not connected');
const forever = new Promise<never>(() => undefined);

describe('a call of MongoDB', () => {
  const database = new MongoDatabase(createConnection());
  afterEach(() => vi.useRealTimers());

  /** Fails with these, one after the other, and then answers. */
  function failing(...failures: unknown[]) {
    const left = [...failures];
    return vi.fn((_isSecondTry?: boolean) =>
      asked(async () => {
        const failure = left.shift();
        if (failure !== undefined) throw failure;
        return 'answer';
      }),
    );
  }

  function asked<T>(exec: () => Promise<T>): Command<T> {
    return { setOptions: () => undefined, exec };
  }

  it.each([
    ['not the primary', notPrimary],
    ['not the primary, of a reader', serverSays(13_435)],
  ])('goes out once more when the server says that it is %s, whatever the command', async (_, refusal) => {
    const command = failing(refusal);
    expect(await database.call(command)).toBe('answer');
    expect(await database.callRepeatable(failing(refusal))).toBe('answer');
    expect(command).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['the connection breaks', cut],
    ['the connection has just been ended', ended],
    ['the primary steps down', steppedDown],
  ])('goes out once more when %s only if it may be done twice, and is told so', async (_, loss) => {
    const [once, repeatable] = [failing(loss), failing(loss)];
    await expect(database.call(once)).rejects.toMatchObject({ name: 'Unavailable', cause: loss });
    expect(once).toHaveBeenCalledOnce();
    expect(await database.callRepeatable(repeatable)).toBe('answer');
    expect(repeatable.mock.calls).toEqual([[false], [true]]);
  });

  it.each([
    ['the server is too slow', tooSlow],
    ['a write was done and not confirmed', unconfirmed],
    ['no server is there', noneThere],
  ])('is unavailable at once when %s', async (_, failure) => {
    const command = failing(failure);
    await expect(database.callRepeatable(command)).rejects.toMatchObject({ name: 'Unavailable', cause: failure });
    expect(command).toHaveBeenCalledOnce();
  });

  it('is unavailable when the second try fails as well: there is no third', async () => {
    const command = failing(notPrimary, cut);
    await expect(database.callRepeatable(command)).rejects.toMatchObject({ name: 'Unavailable', cause: cut });
    expect(command).toHaveBeenCalledTimes(2);
  });

  it('hands up as it is what waiting does not mend', async () => {
    for (const error of [serverSays(11_000), serverSays(13), new TypeError('ours')]) {
      await expect(database.callRepeatable(failing(error))).rejects.toBe(error);
    }
  });

  it('waits two seconds for both tries together, and begins none after that', async () => {
    vi.useFakeTimers();
    let breakConnection: (error: Error) => void = () => undefined;
    const first = new Promise<never>((_, reject) => {
      breakConnection = reject;
    });
    const command = vi.fn((isSecondTry: boolean) => asked(() => (isSecondTry ? forever : first)));
    const refused = expect(database.callRepeatable(command)).rejects.toBeInstanceOf(Unavailable);
    await vi.advanceTimersByTimeAsync(1_500);
    breakConnection(cut);
    await vi.advanceTimersByTimeAsync(500);
    await refused;
    expect(command).toHaveBeenCalledTimes(2);

    const late = new Promise<never>((_, reject) => {
      breakConnection = reject;
    });
    const lateCommand = vi.fn(() => asked(() => late));
    const lateRefused = expect(database.callRepeatable(lateCommand)).rejects.toBeInstanceOf(Unavailable);
    await vi.advanceTimersByTimeAsync(2_000);
    await lateRefused;
    breakConnection(cut);
    await vi.advanceTimersByTimeAsync(0);
    expect(lateCommand).toHaveBeenCalledOnce();
  });
});
