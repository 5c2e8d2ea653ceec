/** A row of the bench, as far as a picture shows it. */
export interface PictureRow {
  job: string;
  than: string;
  must: number;
  aim: number | null;
  ratio: number;
  verdict: string;
}

/** Rows with a limit as SVG: a bar each, as long as the measured ratio is in parts of what it must not exceed. */
export function limitsSvg(rows: readonly PictureRow[], title: string): string;
