/** The forms in which a secret could lie about: as it is, encoded, and decoded. */
export function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const decoded = Buffer.from(secret, 'base64url');
  const forms = [bytes, ...encodingsOf(bytes)];
  // Shorter ones would turn up by chance.
  return isBase64(secret) && decoded.length >= 16 ? [...forms, decoded, ...encodingsOf(decoded)] : forms;
}

function encodingsOf(bytes: Buffer): Buffer[] {
  const hex = bytes.toString('hex');
  const texts = [hex, hex.toUpperCase(), ...[0, 1, 2].flatMap((offset) => base64Within(bytes, offset))];
  return texts.map((text) => Buffer.from(text));
}

/** What base64 makes of these bytes behind others, without the characters that they share with their neighbours. */
function base64Within(bytes: Buffer, offset: number): string[] {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
  const part = whole.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((whole.length * 8) / 6));
  return [part, part.replaceAll('+', '-').replaceAll('/', '_')];
}

/** What somebody who found this string would try: it, its parts, and those that are long enough decoded and encoded again. */
export function readingsOf(found: string): string[] {
  const parts = [found, ...found.split(/[^\w+/=-]+/), ...found.split(/[^\w-]+/)].filter((part) => part.length >= 4);
  return [...new Set(parts.flatMap((part) => (part.length < 16 ? [part] : [part, ...recoded(part)])))];
}

function recoded(text: string): string[] {
  const readings = [Buffer.from(text)];
  if (/^(?:[\da-f]{2}){8,}$/i.test(text)) readings.push(Buffer.from(text, 'hex'));
  if (isBase64(text) && text.length >= 16) readings.push(Buffer.from(text, 'base64'));
  return readings.flatMap((bytes) => (['base64', 'base64url', 'hex'] as const).map((encoding) => bytes.toString(encoding)));
}

function isBase64(text: string): boolean {
  return /^[\w+/-]+=*$/.test(text);
}
