/** What is wrong with a setting: its name and what to do, never its value. */
export interface ConfigProblem {
  readonly setting: string;
  readonly problem: string;
}
