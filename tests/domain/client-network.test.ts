import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientNetwork, mailNetwork } from '#domain/client-network.ts';

describe('a client network', () => {
  it('is the address itself for IPv4, which has no site', () => {
    expect(clientNetwork('203.0.113.7')).toEqual({ host: '203.0.113.7', site: null });
  });

  it('is the /64 for IPv6, within a /48', () => {
    expect(clientNetwork('2001:db8:1:2:3:4:5:6')).toEqual({ host: '2001:db8:1:2::/64', site: '2001:db8:1::/48' });
  });

  it('is one for all addresses of a /64', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    fc.assert(
      fc.property(fc.array(group, { minLength: 4, maxLength: 4 }), (last) => {
        expect(clientNetwork(`2001:db8:1:2:${last.join(':')}`)).toEqual(clientNetwork('2001:db8:1:2::'));
      }),
    );
  });

  it('is another for the next /64, in the same site', () => {
    expect(clientNetwork('2001:db8:1:3::1')).toEqual({ host: '2001:db8:1:3::/64', site: clientNetwork('2001:db8:1:2::1').site });
  });

  it('is another site for the next /48', () => {
    expect(clientNetwork('2001:db8:2:2::1').site).not.toBe(clientNetwork('2001:db8:1:2::1').site);
  });

  it.each([
    '::ffff:203.0.113.7',
    '::FFFF:203.0.113.7',
    '::ffff:cb00:7107',
    '0:0:0:0:0:ffff:203.0.113.7',
    '0000:0000:0000:0000:0000:ffff:cb00:7107',
    '::ffff:203.0.113.7%eth0',
  ])('of the mapped address %s is the IPv4 address', (mapped) => {
    expect(clientNetwork(mapped)).toEqual({ host: '203.0.113.7', site: null });
  });

  it.each(['::203.0.113.7', '::fffe:203.0.113.7', '::ffff:0:203.0.113.7', '64:ff9b::203.0.113.7', '1::ffff:203.0.113.7'])(
    'of %s, which is not mapped, is an IPv6 network',
    (address) => {
      expect(clientNetwork(address)).toMatchObject({ host: expect.stringMatching(/::\/64$/), site: expect.stringMatching(/::\/48$/) });
    },
  );

  it.each([
    { address: '::', host: '0:0:0:0::/64', site: '0:0:0::/48' },
    { address: '::1', host: '0:0:0:0::/64', site: '0:0:0::/48' },
    { address: '1::', host: '1:0:0:0::/64', site: '1:0:0::/48' },
    { address: 'fe80::1%eth0', host: 'fe80:0:0:0::/64', site: 'fe80:0:0::/48' },
    { address: '1:2:3:4:5:6:7::', host: '1:2:3:4::/64', site: '1:2:3::/48' },
    { address: '::2:3:4:5:6:7:8', host: '0:2:3:4::/64', site: '0:2:3::/48' },
    { address: '64:ff9b::203.0.113.7', host: '64:ff9b:0:0::/64', site: '64:ff9b:0::/48' },
  ])('of $address is $host', ({ address, host, site }) => {
    expect(clientNetwork(address)).toEqual({ host, site });
  });

  it('is one however the address is written', () => {
    const forms = [
      '2001:DB8::A',
      '2001:db8::a',
      '2001:0db8:0000:0000:0000:0000:0000:000a',
      '2001:db8:0:0:0::a',
      '2001:db8::0.0.0.10',
      '2001:db8::a%7',
    ];

    expect(new Set(forms.map((form) => JSON.stringify(clientNetwork(form))))).toHaveProperty('size', 1);
  });

  it('is a key that no other kind of address has', () => {
    const hosts = ['1.2.3.4', '::1.2.3.4', '1:2:3:4::', '1:2:3::'].map((address) => clientNetwork(address).host);

    expect(new Set(hosts).size).toBe(4);
  });
});

describe("a mail's network", () => {
  it('is a /24 for IPv4, however it is written', () => {
    expect(mailNetwork('203.0.113.7')).toBe('203.0.113.0/24');
    expect(mailNetwork('203.0.113.250')).toBe('203.0.113.0/24');
    expect(mailNetwork('::ffff:203.0.113.7')).toBe('203.0.113.0/24');
    expect(mailNetwork('203.0.114.7')).toBe('203.0.114.0/24');
  });

  it('is the /48 for IPv6', () => {
    expect(mailNetwork('2001:db8:1:2::1')).toBe('2001:db8:1::/48');
    expect(mailNetwork('2001:DB8:1:ffff::1')).toBe('2001:db8:1::/48');
  });
});
