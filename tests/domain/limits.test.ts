import { describe, expect, it } from 'vitest';
import type { CanonicalEmail } from '#domain/email-address.ts';
import type { RegistrationId, SecretHash, SessionId } from '#domain/ids.ts';
import {
  type Bucket,
  type BucketName,
  bucketQuotas,
  confirmBuckets,
  loginBuckets,
  mailBuckets,
  refundedByLogin,
  registerBuckets,
  resendByAddressBuckets,
  resendByBrowserBuckets,
  sessionBuckets,
} from '#domain/limits.ts';

const QUARTER = 15 * 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const DEFAULTS = {
  global: { points: 300, windowMs: QUARTER },
  register: { points: 30, windowMs: QUARTER },
  login: { points: 50, windowMs: QUARTER },
  loginAddress: { points: 10, windowMs: QUARTER },
  loginDevice: { points: 10, windowMs: QUARTER },
  confirm: { points: 60, windowMs: QUARTER },
  resend: { points: 3, windowMs: HOUR },
  session: { points: 600, windowMs: QUARTER },
  mailPerAddress: { points: 20, windowMs: DAY },
};

const V4 = '192.0.2.1';
const V6 = '2001:db8:1:2::1';
const HOST = '2001:db8:1:2::/64';
const SITE = '2001:db8:1::/48';
const ADA = 'ada@example.com' as CanonicalEmail;
const names = (buckets: readonly Bucket[]) => buckets.map(({ name }) => name);
const subjects = (buckets: readonly Bucket[]) => Object.fromEntries(buckets.map(({ name, subject }) => [name, subject]));

describe('the table of limits', () => {
  const table = bucketQuotas(DEFAULTS);

  it.each<[BucketName, number, number]>([
    ['global-host', 300, QUARTER],
    ['global-site', 3_000, QUARTER],
    ['register-host', 30, QUARTER],
    ['register-site', 300, QUARTER],
    ['login-host', 50, QUARTER],
    ['login-site', 500, QUARTER],
    ['login-address-host', 10, QUARTER],
    ['login-address-site', 100, QUARTER],
    ['login-address', 10, QUARTER],
    ['login-device', 10, QUARTER],
    ['confirm-link', 20, QUARTER],
    ['confirm-host', 60, QUARTER],
    ['confirm-site', 600, QUARTER],
    ['resend-registration', 3, HOUR],
    ['resend-host', 3, HOUR],
    ['resend-site', 30, HOUR],
    ['resend-address', 3, HOUR],
    ['resend-cooldown', 1, 60_000],
    ['session', 600, QUARTER],
    ['session-host', 600, QUARTER],
    ['session-site', 6_000, QUARTER],
    ['mail-address', 20, DAY],
    ['mail-address-network', 6, DAY],
  ])('gives %s %i points in %i ms', (name, points, windowMs) => {
    expect(table[name]).toEqual({ points, windowMs });
  });

  it('has no bucket beside these', () => {
    expect(Object.keys(table)).toHaveLength(23);
  });

  it('counts no mails where they have no cap', () => {
    const uncapped = bucketQuotas({ ...DEFAULTS, mailPerAddress: null });

    expect(uncapped['mail-address']).toBeNull();
    expect(uncapped['mail-address-network']).toBeNull();
  });

  it('leaves every share of the smallest quota a whole point, in the same window', () => {
    const one = { points: 1, windowMs: HOUR };
    const least = bucketQuotas({ ...DEFAULTS, login: one, confirm: one, mailPerAddress: one });

    for (const name of ['login-address-host', 'confirm-link', 'mail-address-network'] as const) expect(least[name]).toEqual(one);
  });
});

describe('a registration', () => {
  it('counts per client, its own limit before the shared one', () => {
    expect(registerBuckets(V4)).toEqual([
      { name: 'register-host', subject: V4 },
      { name: 'global-host', subject: V4 },
    ]);
  });

  it('counts the /64 before the /48', () => {
    expect(registerBuckets(V6)).toEqual([
      { name: 'register-host', subject: HOST },
      { name: 'register-site', subject: SITE },
      { name: 'global-host', subject: HOST },
      { name: 'global-site', subject: SITE },
    ]);
  });

  it('counts an IPv4 address that is mapped into IPv6 as that address', () => {
    expect(registerBuckets(`::ffff:${V4}`)).toEqual(registerBuckets(V4));
  });
});

describe('a login', () => {
  it('counts narrowest first, and last what all clients share', () => {
    expect(loginBuckets(ADA, { ip: V4 })).toEqual([
      { name: 'login-address-host', subject: `${ADA} ${V4}` },
      { name: 'login-host', subject: V4 },
      { name: 'global-host', subject: V4 },
      { name: 'login-address', subject: ADA },
    ]);
    expect(names(loginBuckets(ADA, { ip: V6 }))).toEqual([
      'login-address-host',
      'login-address-site',
      'login-host',
      'login-site',
      'global-host',
      'global-site',
      'login-address',
    ]);
  });

  it('counts the address together with the /64 and with the /48', () => {
    expect(subjects(loginBuckets(ADA, { ip: V6 }))).toMatchObject({
      'login-address-host': `${ADA} ${HOST}`,
      'login-address-site': `${ADA} ${SITE}`,
    });
  });

  it('of a known browser counts by that browser and address, and nowhere else', () => {
    expect(loginBuckets(ADA, { deviceId: 'device-1' })).toEqual([{ name: 'login-device', subject: `${ADA} device-1` }]);
  });

  it('gives back, when it succeeds, what it shares with others', () => {
    expect(names(refundedByLogin(loginBuckets(ADA, { ip: V4 })))).toEqual(['login-host', 'global-host', 'login-address']);
    expect(names(refundedByLogin(loginBuckets(ADA, { ip: V6 })))).toEqual([
      'login-host',
      'login-site',
      'global-host',
      'global-site',
      'login-address',
    ]);
  });

  it('of a known browser gives nothing back', () => {
    expect(refundedByLogin(loginBuckets(ADA, { deviceId: 'device-1' }))).toEqual([]);
  });
});

describe('the other procedures', () => {
  it('count a confirmation by its link first', () => {
    expect(confirmBuckets('hash' as SecretHash, V4)).toEqual([
      { name: 'confirm-link', subject: 'hash' },
      { name: 'confirm-host', subject: V4 },
      { name: 'global-host', subject: V4 },
    ]);
    expect(names(confirmBuckets('hash' as SecretHash, V6))).toEqual([
      'confirm-link',
      'confirm-host',
      'confirm-site',
      'global-host',
      'global-site',
    ]);
  });

  it('count what is no link by its client alone', () => {
    expect(names(confirmBuckets(null, V4))).toEqual(['confirm-host', 'global-host']);
  });

  it('count a resend by cookie per registration', () => {
    expect(resendByBrowserBuckets('root' as RegistrationId, V4)).toEqual([
      { name: 'resend-registration', subject: 'root' },
      { name: 'global-host', subject: V4 },
    ]);
  });

  it('count a resend by address per client, and last per address', () => {
    expect(resendByAddressBuckets(ADA, V4)).toEqual([
      { name: 'resend-host', subject: V4 },
      { name: 'global-host', subject: V4 },
      { name: 'resend-cooldown', subject: ADA },
      { name: 'resend-address', subject: ADA },
    ]);
    expect(names(resendByAddressBuckets(ADA, V6)).slice(0, 4)).toEqual(['resend-host', 'resend-site', 'global-host', 'global-site']);
  });

  it('count a genuine token by its session, and any other by its client', () => {
    expect(sessionBuckets('session-1' as SessionId, V6)).toEqual([{ name: 'session', subject: 'session-1' }]);
    expect(sessionBuckets(null, V4)).toEqual([{ name: 'session-host', subject: V4 }]);
    expect(names(sessionBuckets(null, V6))).toEqual(['session-host', 'session-site']);
  });

  it('count a mail by address and network before the address', () => {
    expect(mailBuckets(ADA, '192.0.2.0/24')).toEqual([
      { name: 'mail-address-network', subject: `${ADA} 192.0.2.0/24` },
      { name: 'mail-address', subject: ADA },
    ]);
  });
});
