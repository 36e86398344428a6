import { execFileSync } from 'node:child_process';

export interface Certificate {
  /** PEM. */
  readonly key: string;
  /** PEM; being self-signed, it is its own authority. */
  readonly cert: string;
}

/** Makes a key and a certificate for a name or address, good for a day. Needs `openssl`, which Debian brings. */
export function selfSignedCertificate(name = 'IP:127.0.0.1'): Certificate {
  const command = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=test -keyout -';
  const pem = execFileSync('openssl', [...command.split(' '), '-addext', `subjectAltName=${name}`], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const begin = pem.indexOf('-----BEGIN CERTIFICATE-----');
  return { key: pem.slice(0, begin), cert: pem.slice(begin) };
}
