// The page behind a mailed link. It sends nothing before somebody presses a button: mail scanners open links and run scripts, too.
const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
// Out of the address bar and the history at once, before anything else can go wrong.
history.replaceState(null, '', location.pathname);

const problem = document.querySelector('.problem');
const ENDS = {
  'already-verified': ['Already confirmed', 'This address was confirmed before. You can sign in with your password.'],
  'account-exists': ['You already have an account', 'This address has an account. Sign in with its password; nothing was changed.'],
  'invalid-or-expired-token': [
    'This link has ended',
    'It is too old or incomplete. Sign up again, or ask for a new mail, and use the newest link.',
  ],
};
const PROBLEMS = {
  'invalid-credentials': 'That is not the password of this sign-up. Try again, or set a new one.',
  'too-short': 'That password is too short. Use at least eight characters; more is better.',
  'too-common': 'That password is one that everybody tries first. Choose another.',
  'context-word': 'That password is too close to your name or address. Choose another.',
};

for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void confirm(form);
  });
}
for (const button of document.querySelectorAll('[data-show]')) {
  button.addEventListener('click', () => show(button.dataset.show));
}
if (token === '') end('invalid-or-expired-token');

async function confirm(form) {
  const button = form.querySelector('button');
  const { username, ...proof } = Object.fromEntries(new FormData(form));
  problem.textContent = '';
  button.disabled = true;
  try {
    const answer = await fetch('/trpc/auth.verifyEmail', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, ...proof }),
    });
    const { result, error } = await answer.json();
    if (error) refuse(error.data);
    else welcome(result.data);
  } catch {
    problem.textContent = 'The service cannot be reached. Your link still works: check your connection and try again.';
  } finally {
    button.disabled = false;
  }
}

function refuse({ reason, problem: weakness, email, retryAfterSeconds }) {
  fill('email', email);
  if (reason in ENDS) end(reason);
  else if (reason === 'proof-required') show('prove');
  else if (reason === 'too-many-requests') problem.textContent = `Too many tries. Try again in ${retryAfterSeconds} seconds.`;
  else if (reason === 'unavailable') problem.textContent = 'The service is busy. Your link still works: try again in a moment.';
  else problem.textContent = PROBLEMS[weakness ?? reason] ?? 'That did not work. Check what you typed and try again.';
}

function welcome({ session }) {
  if (session === null) {
    end('already-verified');
    return;
  }
  fill('email', session.user.email);
  fill('name', session.user.name);
  show('done');
}

function end(reason) {
  const [title, text] = ENDS[reason];
  fill('title', title);
  fill('text', text);
  show('ended');
}

function fill(name, text) {
  if (text === undefined) return;
  for (const place of document.querySelectorAll(`[data-${name}]`)) place.textContent = text;
  if (name === 'email') document.querySelector('[name=username]').value = text;
}

function show(id) {
  problem.textContent = '';
  for (const section of document.querySelectorAll('section')) section.hidden = section.id !== id;
  document.querySelector(`#${id} input:not([hidden]), #${id} h1`).focus();
}
