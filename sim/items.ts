/** The elements of an array of the program, as an array of the host. No method of the program's is called: it may be the program's own, and would meet the host. */
export function itemsOf(list: ArrayLike<unknown>): unknown[] {
  const items: unknown[] = [];
  const { length } = list;
  for (let index = 0; index < length; index++) items.push(list[index]);
  return items;
}
