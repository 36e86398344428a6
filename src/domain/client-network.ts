/**
 * The keys under which a client's address is counted, narrowest first. One household or host holds a whole IPv6 /64,
 * and often a /48, so single IPv6 addresses mean nothing; an IPv4 address mapped into IPv6 is that IPv4 address.
 */
export interface ClientNetwork {
  /** The IPv4 address, or the IPv6 /64. */
  readonly host: string;
  /** The IPv6 /48; `null` for IPv4. */
  readonly site: string | null;
}

/** `ip` is a valid textual IPv4 or IPv6 address; a zone (`%eth0`) is ignored. */
export function clientNetwork(ip: string): ClientNetwork {
  const address = ip.split('%')[0]?.toLowerCase() ?? '';
  if (!address.includes(':')) return { host: address, site: null };

  const groups = ipv6Groups(address);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return { host: ipv4Of(groups[6] ?? 0, groups[7] ?? 0), site: null };

  const prefix = (length: number) =>
    groups
      .slice(0, length)
      .map((group) => group.toString(16))
      .join(':');
  return { host: `${prefix(4)}::/64`, site: `${prefix(3)}::/48` };
}

/** The network whose share of an address's mail cap is counted: an IPv4 /24 or an IPv6 /48. */
export function mailNetwork(ip: string): string {
  const { host, site } = clientNetwork(ip);
  return site ?? `${host.split('.').slice(0, 3).join('.')}.0/24`;
}

function ipv6Groups(address: string): number[] {
  const [head = '', tail] = withoutDottedTail(address).split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
}

/** `::ffff:1.2.3.4` as `::ffff:102:304`. */
function withoutDottedTail(address: string): string {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (dotted === null) return address;
  const [a = 0, b = 0, c = 0, d = 0] = dotted.slice(1).map(Number);
  return `${address.slice(0, dotted.index)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function ipv4Of(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
