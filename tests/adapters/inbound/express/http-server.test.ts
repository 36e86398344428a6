import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { portOf, send } from '../../../support/http.ts';
import { createHttpServer, type HttpServer } from '#adapters/inbound/express/http-server.ts';

let http: HttpServer;
const agent = new Agent({ keepAlive: true });
afterEach(async () => {
  await http.stop(0);
  agent.destroy();
});

/** A server whose answers wait until they are let go. */
async function slowServer() {
  let letGo = () => {};
  let arrive = () => {};
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  http = createHttpServer(async ({ url }, response) => {
    if (url === '/slow') {
      arrive();
      await released;
    }
    response.end('done');
  });
  await http.listen({ host: '127.0.0.1', port: 0 });
  return { port: portOf(http.server.address()), letGo, arrived };
}

function get(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const read = (incoming: IncomingMessage) => {
      let body = '';
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString())).on('end', () => resolve(body));
      incoming.on('error', reject);
    };
    request({ host: '127.0.0.1', port, path, agent }, read).on('error', reject).end();
  });
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('stop', () => {
  it('lets a request in flight finish, and is done as soon as it has', async () => {
    const { port, letGo, arrived } = await slowServer();
    const answer = get(port, '/slow');
    await arrived;
    const began = performance.now();
    const stopped = http.stop(10_000);
    letGo();
    expect(await answer).toBe('done');
    await stopped;
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('ends connections that only wait, at once', async () => {
    const { port } = await slowServer();
    await get(port, '/');
    const idle = await open(port);
    const began = performance.now();
    const ended = once(idle.resume(), 'close');
    await http.stop(10_000);
    await ended;
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('takes no new connection', async () => {
    const { port, letGo, arrived } = await slowServer();
    const answer = get(port, '/slow');
    await arrived;
    const stopped = http.stop(10_000);
    await expect(send(port, '/', {})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    letGo();
    await Promise.all([answer, stopped]);
  });

  it('cuts off at the deadline what has not finished', async () => {
    const { port, arrived } = await slowServer();
    const answer = get(port, '/slow').catch((error: NodeJS.ErrnoException) => error.code);
    await arrived;
    const began = performance.now();
    await http.stop(200);
    expect(performance.now() - began).toBeGreaterThanOrEqual(190);
    expect(await answer).toBe('ECONNRESET');
  });

  it('may be called twice, and both wait', async () => {
    const { port, letGo, arrived } = await slowServer();
    const answer = get(port, '/slow');
    await arrived;
    let waiting = true;
    const both = [http.stop(10_000), http.stop(10_000)].map((stopped) => stopped.then(() => waiting));
    await new Promise((resolve) => setImmediate(resolve));
    waiting = false;
    letGo();
    expect(await Promise.all([...both, answer])).toEqual([false, false, 'done']);
  });
});

describe('a server', () => {
  it('is held by no slow client', async () => {
    await slowServer();
    expect(http.server.headersTimeout).toBeLessThanOrEqual(10_000);
    expect(http.server.requestTimeout).toBeLessThanOrEqual(30_000);
    expect(http.server.keepAliveTimeout).toBeLessThanOrEqual(10_000);
    expect(http.server.maxConnections).toBeLessThanOrEqual(10_000);
  });

  it('throws when the address is taken', async () => {
    const { port } = await slowServer();
    await expect(createHttpServer(() => {}).listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('takes no headers of 16 kB', async () => {
    const { port } = await slowServer();
    expect((await send(port, '/', { headers: { cookie: 'x'.repeat(17_000) } })).status).toBe(431);
  });
});
