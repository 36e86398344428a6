/** Tells the time. Read once a use case, at its top; everything below is told. */
export interface Clock {
  now(): Date;
}
