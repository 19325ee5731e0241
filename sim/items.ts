/** The elements of an array of the program, as an array of the host. None of its methods is called: it may be the program's own, and would meet the host. */
export function itemsOf<Item>(list: ArrayLike<Item>): Item[] {
  const items: Item[] = [];
  const { length } = list;
  for (let index = 0; index < length; index++) items.push(list[index] as Item);
  return items;
}
