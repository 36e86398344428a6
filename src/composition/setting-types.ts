import { z } from 'zod';
import type { Quota } from '#domain/limits.ts';

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^([1-9]\d{0,5})(s|m|h|d)$/;

function parseDuration(text: string): number | null {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  return amount === undefined ? null : Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** `15m`, `7d`: a whole number and s, m, h or d. Milliseconds. */
export function duration({ min, max }: { min: string; max: string }) {
  const [least, most] = [parseDuration(min) ?? 0, parseDuration(max) ?? Number.POSITIVE_INFINITY];
  return z.string().transform((text, context): number => {
    const ms = parseDuration(text);
    if (ms !== null && ms >= least && ms <= most) return ms;
    context.addIssue({ code: 'custom', message: `must be a duration like 15m, from ${min} to ${max}` });
    return z.NEVER;
  });
}

/** `300/15m`: points in a window of at least a second. */
export const quota = z.string().transform((text, context): Quota => {
  const [, points, window] = /^([1-9]\d{0,6})\/(\w+)$/.exec(text) ?? [];
  const windowMs = parseDuration(window ?? '');
  if (points !== undefined && windowMs !== null && windowMs <= UNIT_MS.d * 7) return { points: Number(points), windowMs };
  context.addIssue({ code: 'custom', message: 'must be points in a window of at most 7d, like 300/15m' });
  return z.NEVER;
});

export function wholeNumber({ min, max }: { min: number; max: number }) {
  return z.string().transform((text, context): number => {
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}` });
    return z.NEVER;
  });
}

export const flag = z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true');

/** `https://auth.example.com`: scheme, host and port, nothing behind. */
export const origin = z.string().transform((text, context): string => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const bare = url !== null && /^https?:$/.test(url.protocol) && url.origin === text.replace(/\/$/, '').toLowerCase();
  if (bare) return url.origin;
  context.addIssue({ code: 'custom', message: 'must be an origin like https://auth.example.com, without a path' });
  return z.NEVER;
});

export const originList = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(origin).max(50));

/** A page's address; the token follows it as a fragment. */
export const pageUrl = z.string().transform((text, context): string => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.hash === '' && url.username === '') return url.href;
  context.addIssue({ code: 'custom', message: 'must be an http(s) address without a fragment' });
  return z.NEVER;
});

/** The address of a dependency, by its scheme. Never echoed: it may hold a password. */
export function connectionUrl(schemes: readonly string[]) {
  const accepted = schemes.map((scheme) => `${scheme}://`);
  return z.string().refine((text) => accepted.some((start) => text.startsWith(start)), {
    error: `must be an address that starts with ${accepted.join(' or ')}`,
  });
}

export interface MailSender {
  readonly name: string;
  readonly address: string;
}

/** `Example <no-reply@example.com>`, or the address alone. */
export const mailSender = z.string().transform((text, context): MailSender => {
  const [, name = '', bracketed] = /^([^<>"\r\n]*)<([^<>]+)>$/.exec(text) ?? [];
  const address = bracketed ?? text.trim();
  if (/^[^\s@<>,;"]+@[a-z0-9.-]+$/i.test(address)) return { name: name.trim(), address };
  context.addIssue({ code: 'custom', message: 'must be an address, or a name and an address: Example <no-reply@example.com>' });
  return z.NEVER;
});

export type TrustProxy = false | number | string[];

/** `false`, a number of hops, or a list of proxies' addresses and networks. `true` would let every client write its own address. */
export const trustProxy = z.string().transform((text, context): TrustProxy => {
  if (text === 'false') return false;
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const parts = text.split(',').map((part) => part.trim());
  if (parts.every(isProxy)) return parts;
  context.addIssue({
    code: 'custom',
    message: 'must be false, the number of proxies in front, or a list of their addresses or networks; true would trust every client',
  });
  return z.NEVER;
});

const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** A network wider than any operator's own holds clients as well. */
function isProxy(part: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(part)) return true;
  const bits = part.split('/')[1];
  return address.safeParse(part).success && (bits === undefined || Number(bits) >= 7);
}
