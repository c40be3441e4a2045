import type { ReportRow } from '../protocol';

export interface AgencyGroup {
  agency: string;
  members: ReportRow[];
}

/** Rows of one agency come together; each run of them is a group. */
export function byAgency(rows: readonly ReportRow[]): AgencyGroup[] {
  const groups: AgencyGroup[] = [];
  for (const row of rows) {
    const last = groups.at(-1);
    if (last?.agency === row.agency) {
      last.members.push(row);
    } else {
      groups.push({ agency: row.agency, members: [row] });
    }
  }
  return groups;
}
