import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../support/any-text.ts';
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

    it('opens whatever it sealed, and nothing sealed for somebody else', () => {
      const id = fc.stringMatching(/^[\w-]{16,64}$/);
      const generation = fc.oneof(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 999_999_999_999_999 }));
      fc.assert(
        fc.property(id, id, generation, generation, fc.nat(9_999_999), (one, other, left, right, seconds) => {
          const session = { sessionId: one as SessionId, generation: left };
          const token = mint.refresh.seal(session);
          expect(mint.refresh.open(token)).toEqual(session);

          const mac = token.slice(token.lastIndexOf('.'));
          if (left !== right) expect(mint.refresh.open(`${one}.${right}${mac}`)).toBeNull();
          if (one !== other) expect(mint.refresh.open(`${other}.${left}${mac}`)).toBeNull();

          const expiresAt = at(seconds * SECOND);
          const sealed = mint.devices.seal({ email: anEmail().canonical, deviceId: one, expiresAt });
          expect(mint.devices.open(sealed, anEmail().canonical, at(seconds * SECOND - 1))).toBe(one);
          expect(mint.devices.open(sealed, anEmail().canonical, expiresAt)).toBeNull();

          const registration = one as RegistrationId;
          const link = mint.links.create(registration);
          expect(mint.links.open(mint.links.seal(registration, link) ?? '')).toEqual({
            registrationId: registration,
            secretHash: link.secretHash,
          });
          if (one !== other) {
            expect(mint.links.open(mint.links.seal(other as RegistrationId, link) ?? '')?.secretHash).not.toBe(link.secretHash);
          }
        }),
      );
    });

    it('takes no token that was changed in any character', () => {
      const refresh = mint.refresh.seal({ sessionId, generation: 12 });
      const sealed = device();
      const link = mint.links.create(registrationId);
      const mailed = mint.links.seal(registrationId, link) ?? '';
      const { secret, hash } = mint.browsers.create();
      for (const changed of everyChange(refresh)) expect(mint.refresh.open(changed)).toBeNull();
      for (const changed of everyChange(sealed)) expect(mint.devices.open(changed, anEmail().canonical, at(0))).toBeNull();
      for (const changed of everyChange(mailed))
        expect(mint.links.open(changed)).not.toEqual({ registrationId, secretHash: link.secretHash });
      for (const changed of everyChange(secret)) expect(mint.browsers.hash(changed)).not.toBe(hash);
    });

    it('takes one spelling of a token only', () => {
      const refresh = mint.refresh.seal({ sessionId, generation: 12 });
      const spellings = ['.012.', '.+12.', '.12.0.', '.1.2.', '. 12.', '.１２.', '.0xc.', '.1e1.', '.-12.', '..'].map((number) =>
        refresh.replace('.12.', number),
      );
      for (const other of [
        ...spellings,
        `${refresh}=`,
        ` ${refresh}`,
        `${refresh}\n`,
        `${refresh}.x`,
        `${refresh}\0`,
        refresh.toUpperCase(),
      ]) {
        expect(mint.refresh.open(other)).toBeNull();
      }
      const { secret } = mint.browsers.create();
      for (const other of [`${secret}=`, ` ${secret}`, `${secret}\n`, secret.slice(1)]) expect(mint.browsers.hash(other)).toBeNull();
    });

    it('takes nothing that is no token, however strange or long', () => {
      const anything = fc.oneof(anyText(), fc.constant('x'.repeat(1_000_000)), fc.constant('..'), fc.constant('a.1.b'));
      fc.assert(
        fc.property(anything, (text) => {
          expect(mint.refresh.open(text)).toBeNull();
          expect(mint.links.open(text)).toBeNull();
          expect(mint.devices.open(text, anEmail().canonical, at(0))).toBeNull();
          expect(mint.browsers.hash(text)).toBeNull();
        }),
      );
    });
  });
}

/** Every character of the text replaced by the one whose bits differ in the last, so that spare bits are tried, too; and dropped. */
function everyChange(text: string): string[] {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return [...text].flatMap((character, n) => {
    const place = alphabet.indexOf(character);
    const other = place === -1 ? '_' : (alphabet[place ^ 1] ?? '');
    return [text.slice(0, n) + other + text.slice(n + 1), text.slice(0, n) + text.slice(n + 1)];
  });
}
