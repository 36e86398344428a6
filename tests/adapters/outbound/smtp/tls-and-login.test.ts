import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { mailTo } from '../../../contracts/mail-transport.contract.ts';
import type { Script } from '../../../support/scripted-smtp.ts';
import { type Certificate, selfSignedCertificate } from '../../../support/self-signed-certificate.ts';
import { setUpSmtp } from './smtp-scene.ts';

const AUTH = { user: 'sally', pass: 'hunter2/%:@' };

let certificate: Certificate;

beforeAll(() => {
  certificate = selfSignedCertificate();
});

const smtp = setUpSmtp();

describe('TLS', () => {
  it('is not given up where the server offers none: nothing of the mail goes out', async () => {
    const transport = smtp.transport({ requireTls: true });

    expect(await transport.send(mailTo('ada@example.com'))).toEqual({ kind: 'transport-fault', why: '502 5.5.1 at STARTTLS (ETLS)' });
    expect(await transport.probe()).toBe(false);
    expect(smtp.verbs()).not.toContain('MAIL');
  });

  it('is not given up where EHLO fails', async () => {
    smtp.server.follow({ EHLO: '502 5.5.1 what' });
    const transport = smtp.transport({ requireTls: true });

    expect(await transport.send(mailTo('ada@example.com'))).toMatchObject({ kind: 'transport-fault' });
    expect(smtp.verbs()).not.toContain('MAIL');
  });

  it.each(['starttls', 'implicit'] as const)('refuses a certificate that nobody vouches for (%s), before any login', async (mode) => {
    await smtp.serve({ tls: { ...certificate, mode }, auth: AUTH });
    const transport = smtp.transport({ requireTls: true });

    expect(await transport.send(mailTo('ada@example.com'))).toMatchObject({
      kind: 'transport-fault',
      why: expect.stringContaining('SELF_SIGNED'),
    });
    expect(await transport.probe()).toBe(false);
    expect(smtp.verbs().filter((verb) => verb === 'AUTH' || verb === 'MAIL')).toEqual([]);
  });

  it.each(['starttls', 'implicit'] as const)('refuses the certificate of another host (%s)', async (mode) => {
    const elsewhere = selfSignedCertificate('DNS:elsewhere.example');
    await smtp.serve({ tls: { ...elsewhere, mode } });
    const transport = smtp.transport({ requireTls: true, authority: elsewhere.cert });

    expect(await transport.send(mailTo('ada@example.com'))).toMatchObject({
      kind: 'transport-fault',
      why: expect.stringContaining('ALTNAME'),
    });
  });

  it('checks certificates although the environment waives it', async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    await smtp.serve({ tls: { ...certificate, mode: 'starttls' } });
    expect(await smtp.transport().send(mailTo('ada@example.com'))).toMatchObject({ kind: 'transport-fault' });
  });

  it.each<[string, Script]>([
    ['refused', { STARTTLS: '454 4.7.0 not now' }],
    ['broken off', { STARTTLS: 'drop' }],
    ['never answered', { STARTTLS: 'stall' }],
  ])('that is %s sends nothing', async (_what, script) => {
    await smtp.serve({ tls: { ...certificate, mode: 'starttls' }, script });
    const transport = smtp.transport({ requireTls: true, authority: certificate.cert });

    expect((await transport.send(mailTo('ada@example.com'))).kind).toMatch(/transport-fault|unanswered/);
    expect(await transport.probe()).toBe(false);
    expect(smtp.verbs()).not.toContain('MAIL');
  });
});

describe('the login', () => {
  it('that is refused is the fault of the transport, and its password is in no word of it', async () => {
    await smtp.serve({ auth: AUTH });
    const transport = smtp.transport({ url: smtp.server.url.replace('hunter2', 'secret-canary') });
    const delivery = await transport.send(mailTo('ada@example.com'));

    expect(delivery).toEqual({ kind: 'transport-fault', why: '535 5.7.8 at AUTH (EAUTH)' });
    expect(await transport.probe()).toBe(false);
  });

  it('that is put off is the fault of the transport', async () => {
    await smtp.serve({ auth: AUTH, script: { AUTH: '454 4.7.0 later' } });
    expect(await smtp.transport().send(mailTo('ada@example.com'))).toMatchObject({ kind: 'transport-fault' });
  });

  it('is tried even where none is offered, so that a probe does not say yes to a server that would refuse the mail', async () => {
    const transport = smtp.transport({ url: smtp.server.url.replace('://', '://sally:hunter2@') });

    expect(await transport.probe()).toBe(false);
    expect(await transport.send(mailTo('ada@example.com'))).toEqual({ kind: 'transport-fault', why: '502 5.5.1 at AUTH (EAUTH)' });
    expect(smtp.verbs()).not.toContain('MAIL');
  });
});
