import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEmail, at, DAY, SECOND } from '../support/builders.ts';
import type { TokenMint } from '#application/ports/token-mint.ts';
import type { RegistrationId, SessionId } from '#domain/ids.ts';

interface Mints {
  readonly mint: TokenMint;
  /** With the same keys, and a fresh one in front. */
  readonly rotated: TokenMint;
  /** With other keys. */
  readonly stranger: TokenMint;
}

const registrationId = 'registration-0123456' as RegistrationId;
const sessionId = 'session-0123456789ab' as SessionId;
const deviceId = 'device-0123456789abc';

/** What every TokenMint promises. */
export function describeTokenMintContract(adapter: string, open: () => Mints): void {
  describe(`${adapter} keeps the contract of TokenMint`, () => {
    const { mint, rotated, stranger } = open();
    const device = (expiresAt = at(DAY)) => mint.devices.seal({ email: anEmail().canonical, deviceId, expiresAt });

    it('seals a link the same way every time, and opens it to what is kept', () => {
      const link = mint.links.create(registrationId);
      const token = mint.links.seal(registrationId, link) ?? '';
      expect(mint.links.seal(registrationId, link)).toBe(token);
      expect(rotated.links.seal(registrationId, link)).toBe(token);
      expect(mint.links.open(token)).toEqual({ registrationId, secretHash: link.secretHash });
      expect(JSON.stringify(link)).not.toContain(token.split('.')[1]);
    });

    it('makes another link for another registration, another nonce or another key', () => {
      const secrets = new Set(Array.from({ length: 1_000 }, () => mint.links.create(registrationId).secretHash));
      expect(secrets.size).toBe(1_000);
      expect(stranger.links.seal(registrationId, mint.links.create(registrationId))).toBeNull();
    });

    it('opens a refresh token of any of its keys, and seals with the first', () => {
      const token = mint.refresh.seal({ sessionId, generation: 7 });
      expect(mint.refresh.open(token)).toEqual({ sessionId, generation: 7 });
      expect(rotated.refresh.open(token)).toEqual({ sessionId, generation: 7 });
      expect(mint.refresh.open(rotated.refresh.seal({ sessionId, generation: 7 }))).toBeNull();
      expect(stranger.refresh.open(token)).toBeNull();
    });

    it('opens a device for its address, in its time', () => {
      const { canonical } = anEmail();
      expect(mint.devices.open(device(), canonical, at(DAY - SECOND))).toBe(deviceId);
      expect(mint.devices.open(device(), canonical, at(DAY))).toBeNull();
      expect(mint.devices.open(device(), anEmail('other@example.com').canonical, at(0))).toBeNull();
      expect(rotated.devices.open(device(), canonical, at(0))).toBe(deviceId);
      expect(stranger.devices.open(device(), canonical, at(0))).toBeNull();
    });

    it('makes browser secrets of 256 bits that are kept as a hash only', () => {
      const { secret, hash } = mint.browsers.create();
      expect(secret).toMatch(/^[\w-]{43}$/);
      expect(mint.browsers.hash(secret)).toBe(hash);
      expect(hash).not.toContain(secret);
      expect(new Set(Array.from({ length: 1_000 }, () => mint.browsers.create().secret)).size).toBe(1_000);
    });

    it('takes no token for one of another purpose', () => {
      const link = mint.links.seal(registrationId, mint.links.create(registrationId)) ?? '';
      const refresh = mint.refresh.seal({ sessionId, generation: 1 });
      const { secret } = mint.browsers.create();
      for (const other of [link, device(), secret]) expect(mint.refresh.open(other)).toBeNull();
      for (const other of [refresh, device(), secret]) expect(mint.links.open(other)).toBeNull();
      for (const other of [link, refresh, secret]) expect(mint.devices.open(other, anEmail().canonical, at(0))).toBeNull();
      for (const other of [link, refresh, device()]) expect(mint.browsers.hash(other)).toBeNull();
    });

    it('takes no token that was changed in any character', () => {
      const refresh = mint.refresh.seal({ sessionId, generation: 12 });
      for (let n = 0; n < refresh.length; n += 1) {
        const changed = refresh.slice(0, n) + (refresh[n] === 'A' ? 'B' : 'A') + refresh.slice(n + 1);
        expect(mint.refresh.open(changed)).toBeNull();
      }
      for (const form of [
        refresh.replace('.12.', '.012.'),
        refresh.replace('.12.', '.1e1.'),
        `${refresh}=`,
        ` ${refresh}`,
        `${refresh}.x`,
      ]) {
        expect(mint.refresh.open(form)).toBeNull();
      }
    });

    it('takes nothing that is no token, however strange or long', () => {
      const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('x'.repeat(1_000_000)), fc.constant('..'), fc.constant('a.1.b'));
      fc.assert(
        fc.property(anything, (text) => {
          expect(mint.refresh.open(text)).toBeNull();
          expect(mint.links.open(text)).toBeNull();
          expect(mint.devices.open(text, anEmail().canonical, at(0))).toBeNull();
        }),
      );
    });
  });
}
