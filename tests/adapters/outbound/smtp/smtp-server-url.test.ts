import { describe, expect, it } from 'vitest';
import { parseSmtpUrl } from '#adapters/outbound/smtp/smtp-server-url.ts';

describe('parseSmtpUrl', () => {
  it.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, secure: false, auth: null }],
    ['smtps://mail.example.com/', { host: 'mail.example.com', port: 465, secure: true, auth: null }],
    ['smtp://127.0.0.1:2525', { host: '127.0.0.1', port: 2525, secure: false, auth: null }],
    ['smtp://[::1]:25', { host: '::1', port: 25, secure: false, auth: null }],
    [
      'smtps://sally%40example.com:p%25%3A%2F@mail.example.com',
      { host: 'mail.example.com', port: 465, secure: true, auth: { user: 'sally@example.com', pass: 'p%:/' } },
    ],
  ])('reads %s', (url, server) => {
    expect(parseSmtpUrl(url)).toEqual(server);
  });

  it.each([
    'mail.example.com:25',
    'https://mail.example.com',
    'smtp://',
    'smtp:mail.example.com',
    'smtp://sally@mail.example.com',
    'smtp://:secret@mail.example.com',
    'smtp://sally:100%@mail.example.com',
    'smtp://mail.example.com/inbox',
    'smtp://mail.example.com#x',
    'smtp://mail.example.com?tls.rejectUnauthorized=false',
    'smtp://mail.example.com:99999',
  ])('reads nothing from %s', (url) => {
    expect(parseSmtpUrl(url)).toBeNull();
  });
});
