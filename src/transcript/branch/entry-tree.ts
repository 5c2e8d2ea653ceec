import type { SkeletonNode } from '../skeleton.js';

/** Stands for the uuid of an entry in lines that were not read; no entry has it. */
const EARLIER = '@';

/** The entries of a transcript by uuid, each with its parent as Claude Code sees it on a resume. */
export class EntryTree {
  readonly #sidechains: boolean;
  readonly #byUuid = new Map<string, SkeletonNode>();
  /** Parents that differ from those in the entries, or are missing there. */
  readonly #relinked = new Map<SkeletonNode, string>();
  #nodes: readonly SkeletonNode[];

  /**
   * `nodes` are in file order; if several have one uuid, the last counts. `sidechains`: they belong to the
   * conversation; `whole`: no lines come before the nodes.
   */
  constructor(nodes: readonly SkeletonNode[], { sidechains, whole }: { sidechains: boolean; whole: boolean }) {
    this.#sidechains = sidechains;
    for (const node of nodes) this.#byUuid.set(node.uuid, node);
    const areDistinct = this.#byUuid.size === nodes.length;
    this.#nodes = areDistinct ? nodes : nodes.filter((node) => this.#byUuid.get(node.uuid) === node);
    this.#linkUnlinked(whole);
  }

  /**
   * Links entries without the member `parentUuid` to the entry before them. Claude Code writes it in every entry; other
   * programs may not.
   */
  #linkUnlinked(whole: boolean): void {
    let before = whole ? null : EARLIER;
    for (const node of this.#nodes) {
      if (!this.isMain(node)) continue;
      if (node.parentUuid === undefined && before !== null) this.#relinked.set(node, before);
      before = node.uuid;
    }
  }

  /** One entry per uuid, in file order. */
  get nodes(): readonly SkeletonNode[] {
    return this.#nodes;
  }

  /** True for entries of the conversation itself: not a subagent's, and not a progress note. */
  isMain(node: SkeletonNode): boolean {
    return node.type !== 'progress' && (this.#sidechains || !node.isSidechain);
  }

  get(uuid: string): SkeletonNode | undefined {
    return this.#byUuid.get(uuid);
  }

  /** Uuid of the parent; null for a root. */
  parentUuid(node: SkeletonNode): string | null {
    return this.#relinked.get(node) ?? (node.parentUuid || null);
  }

  parent(node: SkeletonNode): SkeletonNode | undefined {
    const uuid = this.parentUuid(node);
    return uuid === null ? undefined : this.#byUuid.get(uuid);
  }

  relink(node: SkeletonNode, parentUuid: string): void {
    this.#relinked.set(node, parentUuid);
  }

  /** Removes entries; their children have a missing parent then. */
  drop(dropped: ReadonlySet<SkeletonNode>): void {
    for (const { uuid } of dropped) this.#byUuid.delete(uuid);
    this.#nodes = this.#nodes.filter((node) => !dropped.has(node));
  }

  /**
   * The entry and its ancestors, from the entry up. `isWhole` is true if they end at a root, not at a missing parent.
   */
  ancestry(node: SkeletonNode): { chain: SkeletonNode[]; isWhole: boolean } {
    const chain = new Set<SkeletonNode>();
    let last = node;
    for (let next: SkeletonNode | undefined = node; next !== undefined && !chain.has(next); next = this.parent(next)) {
      chain.add(next);
      last = next;
    }
    return { chain: [...chain], isWhole: this.parentUuid(last) === null || this.parent(last) !== undefined };
  }
}
