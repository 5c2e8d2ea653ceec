/** A row of the bench, as far as a picture shows it. */
export interface PictureRow {
  job: string;
  than: string;
  must: number;
  aim: number | null;
  ratio: number;
  verdict: string;
}

/**
 * Returns an SVG with a bar for each row that has a limit; its length is the measured ratio in relation to the limit.
 */
export function limitsSvg(rows: readonly PictureRow[], title: string): string;
