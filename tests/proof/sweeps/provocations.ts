import type { Canaries } from './canaries.ts';

/** One request with a canary in every place that could hold one. */
interface Provocation {
  readonly path: string;
  readonly init: RequestInit;
}

const inputs: Readonly<Record<string, readonly string[] | null>> = {
  register: ['name', 'email', 'password'],
  registration: null,
  resendVerification: ['email'],
  changeRegistrationEmail: ['email'],
  disownRegistration: ['token'],
  verifyEmail: ['token', 'password'],
  login: ['email', 'password'],
  refresh: [],
  logout: [],
  me: null,
};

/** Sends every procedure what it takes and what it does not, and answers the reasons it was refused for. */
export async function provoke(url: string, canaries: Canaries): Promise<Set<string>> {
  const reasons = new Set<string>();
  const provocations = Object.entries(inputs).flatMap(([procedure, fields]) =>
    fields === null ? [query(procedure, canaries)] : mutations(procedure, fields, canaries),
  );
  // A few at a time: a service that waits for a frozen database makes everybody wait.
  const queue = provocations.values();
  const work = async () => {
    for (const { path, init } of queue) {
      const answer = await fetch(`${url}${path}`, init);
      const [, reason] = /"reason":"([\w-]+)"/.exec(await answer.text()) ?? [];
      if (reason !== undefined) reasons.add(reason);
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  return reasons;
}

function query(procedure: string, canaries: Canaries): Provocation {
  return { path: pathOf(procedure, canaries), init: { headers: headersFor(procedure, canaries) } };
}

function mutations(procedure: string, fields: readonly string[], canaries: Canaries): Provocation[] {
  const value = (field: string, how: string) =>
    field === 'email' ? canaries.address(`${procedure}, email ${how}`) : canaries.release(`${procedure}, ${field} ${how}`);
  const wellFormed = (how: string) => Object.fromEntries(fields.map((field) => [field, value(field, how)]));
  const tokens = fields.includes('token') ? { token: `${canaries.release(`${procedure}, id of a token`)}.${'a'.repeat(43)}` } : {};
  const unknown = canaries.release(`${procedure}, name of an unknown field`);

  const bodies = [
    JSON.stringify(wellFormed('well-formed')),
    JSON.stringify({ ...wellFormed('with a token'), ...tokens }),
    JSON.stringify({ ...wellFormed('among others'), [unknown]: canaries.release(`${procedure}, unknown field`) }),
    JSON.stringify(Object.fromEntries(fields.map((field) => [field, [value(field, 'in a list')]]))),
    JSON.stringify(Object.fromEntries(fields.map((field) => [field, { $ne: value(field, 'in an operator') }]))),
    JSON.stringify(Object.fromEntries(fields.map((field) => [field, value(field, 'far too long').repeat(60)]))),
    JSON.stringify(wellFormed('cut off')).slice(0, -2),
    `{"password":"${canaries.release(`${procedure}, malformed`)}" oops`,
    `"${canaries.release(`${procedure}, bare text`)}"`,
    canaries.release(`${procedure}, no JSON`),
    canaries.release(`${procedure}, far too long a body`).repeat(500),
  ];
  const posts = bodies.map((body) => ({
    path: pathOf(procedure, canaries),
    init: { method: 'POST', body, headers: { 'content-type': 'application/json', ...headersFor(procedure, canaries) } },
  }));
  const [body = ''] = bodies;
  const foreign = { 'content-type': 'application/json', origin: `https://${canaries.release(`${procedure}, origin`)}.example` };
  const form = { 'content-type': `text/plain; x=${canaries.release(`${procedure}, content type`)}` };
  return [
    ...posts,
    { path: pathOf(procedure, canaries), init: { method: 'POST', body, headers: foreign } },
    { path: pathOf(procedure, canaries), init: { method: 'POST', body, headers: form } },
  ];
}

function pathOf(procedure: string, canaries: Canaries): string {
  const input = encodeURIComponent(JSON.stringify({ token: canaries.release(`${procedure}, input in the query`) }));
  return `/trpc/auth.${procedure}?input=${input}&token=${canaries.release(`${procedure}, query`)}`;
}

function headersFor(procedure: string, canaries: Canaries): Record<string, string> {
  const canary = (where: string) => canaries.release(`${procedure}, ${where}`);
  return {
    authorization: `Bearer ${canary('bearer')}`,
    cookie: ['refresh', 'registration', 'device', 'other'].map((name) => `${name}=${canary(`cookie ${name}`)}`).join('; '),
    'user-agent': canary('User-Agent'),
    referer: `http://localhost/${canary('Referer')}`,
    'x-request-id': canary('X-Request-Id'),
    'x-api-key': canary('header of its own'),
  };
}
