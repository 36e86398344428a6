import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

const authority = `[ca]\ndefault_ca=own\n[own]\ndatabase=index\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\npolicy=any\nx509_extensions=names
[any]\ncommonName=supplied\n[names]\nsubjectAltName=IP:127.0.0.1\n[req]\ndistinguished_name=nobody\n[nobody]\n`;

/** One for 127.0.0.1 that was good for a day in 2020. */
export function expiredCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-authority-'));
  const openssl = (command: string) => execFileSync('openssl', command.split(' '), { cwd: folder, stdio: 'ignore' });
  try {
    for (const [name, text] of Object.entries({ authority, index: '', serial: '01\n' })) writeFileSync(join(folder, name), text);
    const key = 'ec -pkeyopt ec_paramgen_curve:prime256v1';
    openssl(`req -new -newkey ${key} -nodes -subj /CN=test -config authority -keyout key -out request`);
    const then = '-startdate 20200101000000Z -enddate 20200102000000Z';
    openssl(`ca -selfsign -config authority -keyfile key -in request ${then} -batch -notext -out cert`);
    return { key: readFileSync(join(folder, 'key'), 'utf8'), cert: readFileSync(join(folder, 'cert'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
