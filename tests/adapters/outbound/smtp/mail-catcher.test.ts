import { once } from 'node:events';
import { connect } from 'node:net';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MailCatcher, openMailCatcher } from '#adapters/outbound/smtp/mail-catcher.ts';
import { mailTo } from '../../../contracts/mail-transport.contract.ts';
import { SmtpScene } from './smtp-scene.ts';

const NOON = new Date('2026-03-03T12:00:00Z');

describe('openMailCatcher', () => {
  const scene = new SmtpScene();
  let catcher: MailCatcher;

  beforeEach(async () => {
    await scene.serve();
    catcher = await openMailCatcher({ now: () => NOON });
  });

  afterEach(async () => {
    await scene.end();
    await catcher.close();
  });

  it('catches what the transport sends, with its links', async () => {
    const link = 'https://app.example.com/verify?a=1&b=2#token=abc.def';
    const letter = { kind: 'confirm-address', link, disownLink: link, livesMs: 1_800_000 } as const;
    expect(await scene.transport({ url: catcher.smtpUrl }).send(mailTo('Ada@example.com', { letter }))).toEqual({ kind: 'accepted' });

    const [mail, ...others] = catcher.list();
    expect(others).toEqual([]);
    expect(mail).toEqual({
      id: '1',
      to: 'Ada@example.com',
      subject: 'Confirm your address for The Fort',
      text: expect.stringContaining(`\n${link}\n`),
      html: expect.stringContaining('<!doctype html>'),
      links: [link],
      receivedAt: NOON,
    });
  });

  it('lets a probe in', async () => {
    expect(await scene.transport({ url: catcher.smtpUrl }).probe()).toBe(true);
  });

  it('lists the newest first', async () => {
    const transport = scene.transport({ url: catcher.smtpUrl });
    for (const name of ['first', 'second', 'third']) await transport.send(mailTo(`${name}@example.com`));

    expect(catcher.list().map(({ id, to }) => [id, to])).toEqual([
      ['3', 'third@example.com'],
      ['2', 'second@example.com'],
      ['1', 'first@example.com'],
    ]);
  });

  it('keeps the last 200 of 205 mails, and takes them within 3 s', async () => {
    const transport = scene.transport({ url: catcher.smtpUrl, deadlines: {} });
    const before = performance.now();
    await Promise.all(Array.from({ length: 205 }, (_, index) => transport.send(mailTo(`ada-${index}@example.com`))));
    expect(performance.now() - before).toBeLessThan(3_000);

    const ids = catcher.list().map(({ id }) => Number(id));
    expect(ids).toEqual(Array.from({ length: 200 }, (_, index) => 205 - index));
  });

  it('gives out mails that cannot be changed from outside', async () => {
    await scene.transport({ url: catcher.smtpUrl }).send(mailTo('ada@example.com'));
    Object.assign(catcher.list()[0] ?? {}, { subject: 'changed' });
    catcher.list()[0]?.receivedAt.setFullYear(1970);

    expect(catcher.list()[0]).toMatchObject({ subject: 'Confirm your address for The Fort', receivedAt: NOON });
  });

  it('names each http link once, and no other', async () => {
    await deliver(`<a href="https://a.example/?x=1&amp;y=2">1</a> <A class=z HREF='http://b.example/'>2</A>
      <a href="https://a.example/?x=1&amp;y=2">again</a> <a href="javascript:alert(1)">3</a> <a href="mailto:x@y.z">4</a> <img src="https://c.example/">`);

    expect(catcher.list()[0]?.links).toEqual(['https://a.example/?x=1&y=2', 'http://b.example/']);
  });

  it('refuses a mail above 256 kB and takes the next', async () => {
    await expect(deliver('x'.repeat(300 * 1024))).rejects.toMatchObject({ responseCode: 552 });
    expect(catcher.list()).toEqual([]);

    await deliver('small');
    expect(catcher.list()).toHaveLength(1);
  });

  it('listens on loopback only', async () => {
    expect(catcher.smtpUrl).toMatch(/^smtp:\/\/127\.0\.0\.1:\d+$/);
    const { port } = new URL(catcher.smtpUrl);
    const elsewhere = connect(Number(port), '127.0.0.2');
    await expect(once(elsewhere, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('says so when its port is taken', async () => {
    const port = Number(new URL(catcher.smtpUrl).port);
    await expect(openMailCatcher({ port, now: () => NOON })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('can be closed twice, also while a client stays connected', async () => {
    const socket = connect(Number(new URL(catcher.smtpUrl).port), '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'data');

    await Promise.all([catcher.close(), catcher.close()]);
    await catcher.close();
    socket.destroy();
    expect(await scene.transport({ url: catcher.smtpUrl }).probe()).toBe(false);
  });

  async function deliver(html: string): Promise<void> {
    const transporter = createTransport(catcher.smtpUrl);
    await transporter.sendMail({ from: 'eve@example.com', to: 'ada@example.com', subject: 'hello', html });
  }
});
