/** Identifiers are opaque random strings; the brand keeps one kind from passing for another. */
type Brand<T, B extends string> = T & { readonly __brand: B };

export type RegistrationId = Brand<string, 'RegistrationId'>;
export type UserId = Brand<string, 'UserId'>;
export type SessionId = Brand<string, 'SessionId'>;
export type MessageId = Brand<string, 'MessageId'>;

/** An argon2id hash in PHC form. */
export type PasswordHash = Brand<string, 'PasswordHash'>;

/** SHA-256 of a secret, base64url: all that is kept of a mailed token or a browser's cookie. */
export type SecretHash = Brand<string, 'SecretHash'>;

/** The id of the user that a registration makes when its own person confirms it. */
export function userIdOf(id: RegistrationId): UserId {
  return id as string as UserId;
}
