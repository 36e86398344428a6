import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { errorDataOf, type Http, openHttp } from '../../../support/http.ts';
import type { InboxMail } from '#adapters/inbound/express/inbox.ts';

let http: Http;
afterEach(() => http.close());

const mail: InboxMail = {
  id: 'mail-1',
  to: 'ada@example.com',
  subject: '<script>alert(1)</script>',
  text: 'Hello & welcome <b>',
  html: '<html><head></head><body><a href="http://localhost:3000/verify#token=abc">Confirm</a><script>alert(2)</script></body></html>',
  links: ['http://localhost:3000/verify#token=abc', '"><script>alert(3)</script>'],
  receivedAt: new Date('2030-01-01T12:00:00Z'),
};
const older = { ...mail, id: 'mail-0', subject: 'Older', receivedAt: new Date('2030-01-01T11:00:00Z') };
const here = { host: 'localhost:3000' };
const PATHS = ['/dev/inbox', '/dev/inbox.json', '/dev/inbox/mail-1'];

const open = async () => {
  http = await openHttp({ inbox: { list: () => [mail, older] } });
};

describe('the inbox', () => {
  it('is there only while mails are caught', async () => {
    http = await openHttp({ inbox: null });
    for (const path of PATHS) expect((await http.send(path, { headers: here })).status).toBe(404);
  });

  it('gives every mail as JSON, newest first, and nothing more than was promised', async () => {
    await open();
    const { body } = await http.send('/dev/inbox.json', { headers: here });
    expect(JSON.parse(body)).toEqual([
      { ...mail, receivedAt: '2030-01-01T12:00:00.000Z' },
      { ...older, receivedAt: '2030-01-01T11:00:00.000Z' },
    ]);
  });

  it('shows what a mail says as text, never as markup of its own page', async () => {
    await open();
    const { body, headers } = await http.send('/dev/inbox', { headers: here });
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).not.toContain('<script');
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(body).toContain('href="http://localhost:3000/verify#token=abc"');
    expect(body.indexOf('mail-1')).toBeLessThan(body.indexOf('mail-0'));
  });

  it('runs no script, in its page or in the frame of a mail', async () => {
    await open();
    const page = await http.send('/dev/inbox', { headers: here });
    expect(page.headers['content-security-policy']).toContain("script-src 'none'");
    expect(page.body).toMatch(/<iframe [^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"/);

    const framed = await http.send('/dev/inbox/mail-1', { headers: here });
    expect(framed.headers['content-security-policy']).toMatch(/default-src 'none'.*sandbox allow-popups/);
    expect(framed.headers['content-security-policy']).not.toContain('script-src');
    expect(framed.headers['content-security-policy']).toContain("frame-ancestors 'self'");
    expect(framed.headers['x-frame-options']).toBeUndefined();
  });
});

describe('the inbox answers only this machine', () => {
  it.each(['localhost', 'localhost:3000', 'LOCALHOST:3000', '127.0.0.1', '127.0.0.1:3000', '127.9.9.9', '[::1]', '[::1]:3000'])(
    'as %s it does',
    async (host) => {
      await open();
      for (const path of PATHS) expect((await http.send(path, { headers: { host } })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    'evil.example:3000',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    '10.0.0.1',
    '0.0.0.0:3000',
    '[::]',
    '127.0.0.1:3000:1',
  ])('as "%s" it does not', async (host) => {
    await open();
    for (const path of PATHS) {
      const answer = await http.send(path, { headers: { host } });
      expect([answer.status, errorDataOf(answer).reason]).toEqual([404, 'invalid-input']);
    }
  });

  it('to those who name no host it does not', async () => {
    await open();
    const socket = connect(http.port, '127.0.0.1', () => socket.end('GET /dev/inbox HTTP/1.0\r\n\r\n'));
    expect((await text(socket)).split('\r\n')[0]).toBe('HTTP/1.1 404 Not Found');
  });

  it.each([
    'forwarded',
    'via',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-port',
    'x-forwarded-server',
    'x-forwarded-prefix',
    'X-Forwarded-Anything',
    'x-real-ip',
  ])('through a proxy that sends %s it does not', async (name) => {
    await open();
    for (const path of PATHS) expect((await http.send(path, { headers: { ...here, [name]: 'x' } })).status).toBe(404);
  });
});
