import { clientNetwork } from './client-network.ts';
import type { CanonicalEmail } from './email-address.ts';
import type { RegistrationId, SecretHash, SessionId } from './ids.ts';

/** So many points in a fixed window. */
export interface Quota {
  readonly points: number;
  readonly windowMs: number;
}

/** What an operator sets; the table of buckets below is made of it. */
export interface LimitSettings {
  readonly global: Quota;
  readonly register: Quota;
  readonly login: Quota;
  readonly loginAddress: Quota;
  readonly loginDevice: Quota;
  readonly confirm: Quota;
  readonly resend: Quota;
  readonly session: Quota;
  /** `null`: no cap. */
  readonly mailPerAddress: Quota | null;
}

/** Between two mails that somebody asks to be sent again. */
export const RESEND_COOLDOWN_MS = 60_000;

/** An IPv6 /48 gets this many times the points of a /64. */
const SITE_FACTOR = 10;

/** Every bucket there is, with its points. `null` means not counted. */
export function bucketQuotas(limits: LimitSettings) {
  return {
    'global-host': limits.global,
    'global-site': times(limits.global, SITE_FACTOR),
    'register-host': limits.register,
    'register-site': times(limits.register, SITE_FACTOR),
    'login-host': limits.login,
    'login-site': times(limits.login, SITE_FACTOR),
    'login-address-host': times(limits.login, 1 / 5),
    'login-address-site': times(limits.login, SITE_FACTOR / 5),
    'login-address': limits.loginAddress,
    'login-device': limits.loginDevice,
    'confirm-link': times(limits.confirm, 1 / 3),
    'confirm-host': limits.confirm,
    'confirm-site': times(limits.confirm, SITE_FACTOR),
    'resend-registration': limits.resend,
    'resend-host': limits.resend,
    'resend-site': times(limits.resend, SITE_FACTOR),
    'resend-address': limits.resend,
    'resend-cooldown': { points: 1, windowMs: RESEND_COOLDOWN_MS },
    session: limits.session,
    'session-host': limits.session,
    'session-site': times(limits.session, SITE_FACTOR),
    'mail-address': limits.mailPerAddress,
    'mail-address-network': limits.mailPerAddress && times(limits.mailPerAddress, 3 / 10),
  } as const satisfies Record<string, Quota | null>;
}

export type BucketName = keyof ReturnType<typeof bucketQuotas>;
export type BucketQuotas = Readonly<Record<BucketName, Quota | null>>;

/** One counter: a bucket of the table, and whom it counts. */
export interface Bucket {
  readonly name: BucketName;
  readonly subject: string;
}

/*
 * Which buckets a procedure takes, in order: narrowest first, stopping at the first refusal, so that a client that is
 * over its own limit does not spend what it shares with others. What is shared with every client in the world
 * (an address) comes last: else one client could spend a thousand addresses' points while itself refused.
 */

export function registerBuckets(ip: string): Bucket[] {
  return [...perClient('register', ip), ...perClient('global', ip)];
}

export type LoginClient = { readonly deviceId: string } | { readonly ip: string };

/** A browser that has signed in to this address before counts by itself, so that nobody else can lock it out. */
export function loginBuckets(email: CanonicalEmail, client: LoginClient): Bucket[] {
  if ('deviceId' in client) return [{ name: 'login-device', subject: `${email} ${client.deviceId}` }];
  const { ip } = client;
  return [
    ...perClient('login-address', ip, `${email} `),
    ...perClient('login', ip),
    ...perClient('global', ip),
    { name: 'login-address', subject: email },
  ];
}

/** What a successful login gives back: what it shares with others, never what counts guesses at this address from here. */
export function refundedByLogin(taken: readonly Bucket[]): Bucket[] {
  const kept: readonly BucketName[] = ['login-address-host', 'login-address-site', 'login-device'];
  return taken.filter(({ name }) => !kept.includes(name));
}

/** Counted per link by the hash of its whole secret: who does not hold the link cannot spend its tries. `null` for what is no link. */
export function confirmBuckets(link: SecretHash | null, ip: string): Bucket[] {
  const perLink: Bucket[] = link === null ? [] : [{ name: 'confirm-link', subject: link }];
  return [...perLink, ...perClient('confirm', ip), ...perClient('global', ip)];
}

export function resendByBrowserBuckets(root: RegistrationId, ip: string): Bucket[] {
  return [{ name: 'resend-registration', subject: root }, ...perClient('global', ip)];
}

export function resendByAddressBuckets(email: CanonicalEmail, ip: string): Bucket[] {
  return [
    ...perClient('resend', ip),
    ...perClient('global', ip),
    { name: 'resend-cooldown', subject: email },
    { name: 'resend-address', subject: email },
  ];
}

/** `genuine` is the session or registration of a token that proved itself. */
export function sessionBuckets(genuine: SessionId | RegistrationId | null, ip: string): Bucket[] {
  return genuine === null ? perClient('session', ip) : [{ name: 'session', subject: genuine }];
}

export function mailBuckets(email: CanonicalEmail, network: string): Bucket[] {
  return [
    { name: 'mail-address-network', subject: `${email} ${network}` },
    { name: 'mail-address', subject: email },
  ];
}

type PerClient = 'global' | 'register' | 'login' | 'login-address' | 'confirm' | 'resend' | 'session';

function perClient(limit: PerClient, ip: string, prefix = ''): Bucket[] {
  const { host, site } = clientNetwork(ip);
  const narrow: Bucket = { name: `${limit}-host`, subject: prefix + host };
  return site === null ? [narrow] : [narrow, { name: `${limit}-site`, subject: prefix + site }];
}

function times(quota: Quota, factor: number): Quota {
  return { points: Math.max(1, Math.round(quota.points * factor)), windowMs: quota.windowMs };
}
