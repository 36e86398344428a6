import { isIP } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Http, openHttp } from '../../../support/http.ts';

let http: Http;
afterEach(() => http.close());

/** The address under which a request with this X-Forwarded-For is known, read off the security log. */
async function ipOf(trustProxy: false | number | readonly string[], forwardedFor?: string): Promise<string | undefined> {
  http = await openHttp({ trustProxy });
  const forwarded = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  await http.send('/trpc/auth.me', { headers: { origin: 'https://evil.example', ...forwarded } });
  return http.events[0]?.client?.ip;
}

const SOCKET = '127.0.0.1';

describe('the address of a client', () => {
  it.each([
    ['no proxy', false, '6.6.6.6', SOCKET],
    ['one proxy', 1, '203.0.113.7', '203.0.113.7'],
    ['one proxy, a forged entry before its own', 1, '6.6.6.6, 203.0.113.7', '203.0.113.7'],
    ['two proxies', 2, '203.0.113.7, 198.51.100.1', '203.0.113.7'],
    ['two proxies, a forged entry', 2, '6.6.6.6, 203.0.113.7, 198.51.100.1', '203.0.113.7'],
    ['proxies in a subnet', ['127.0.0.0/8', '10.0.0.0/8'], '6.6.6.6, 203.0.113.7, 10.0.0.9', '203.0.113.7'],
    ['proxies in another subnet', ['10.0.0.0/8'], '203.0.113.7', SOCKET],
    ['one proxy, IPv6', 1, '2001:db8::7', '2001:db8::7'],
    ['one proxy that says nothing', 1, undefined, SOCKET],
  ] as const)('with %s', async (_what, trustProxy, forwardedFor, expected) => {
    expect(await ipOf(trustProxy, forwardedFor)).toBe(expected);
  });

  it.each([
    'not-an-ip<script>',
    '203.0.113.7:4711',
    '203.0.113.7%<script>',
    '203.0.113.7%eth0',
    'fe80::1%<script>',
    'unknown',
    '999.1.1.1',
  ])('is the socket’s when a proxy writes %s', async (forwardedFor) => {
    expect(await ipOf(1, forwardedFor)).toBe(SOCKET);
  });

  it('is an address in every case, with a zone or without', async () => {
    expect(isIP((await ipOf(1, 'fe80::1%eth0')) ?? '')).toBe(6);
  });

  it('never follows a forwarded host', async () => {
    http = await openHttp({ trustProxy: 1 });
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', origin: 'https://evil.example' };
    expect((await http.send('/trpc/auth.me', { headers })).status).toBe(403);
  });
});
