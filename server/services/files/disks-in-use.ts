import type { Sql } from "@/server/db/client";

/** Returns the locations of the disks with files of exports and archives, which only their own machine can read. */
export async function disksInUse(sql: Sql): Promise<string[]> {
  const rows = await sql<{ location: string }[]>`
    select coalesce(location, store) as location
    from (
      select store from exports where expires_at > now()
      union
      select store from archives where state in ('pending', 'removed')
    ) used
    left join file_stores on file_stores.id = store
    where store like 'disk:%'
    order by 1`;
  return rows.map(({ location }) => location);
}
