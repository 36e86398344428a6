/** Who asks: where the request came from, and the id under which it is logged. */
export interface Client {
  /** A valid IPv4 or IPv6 address. */
  readonly ip: string;
  readonly requestId: string;
}
