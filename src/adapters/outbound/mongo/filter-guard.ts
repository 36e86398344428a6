/**
 * Throws for a filter that would match by accident: the driver sends `undefined` as null, and null matches every document without the field.
 * `nullable` names the fields of which null may be asked for.
 */
export function refuseAccidentalMatches(filter: unknown, nullable: ReadonlySet<string>, field = ''): void {
  if (filter === undefined || (filter === null && !nullable.has(field)))
    throw new TypeError(`A query for ${filter} in ${field} would match what lacks it.`);
  if (typeof filter !== 'object' || filter === null || filter instanceof Date) return;

  for (const [key, value] of Object.entries(filter)) {
    const isOfSameField = Array.isArray(filter) || key.startsWith('$');
    refuseAccidentalMatches(value, nullable, isOfSameField ? field : key);
  }
}
