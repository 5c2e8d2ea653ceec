import type { ListedModel } from './listed-model.js';

// Written by scripts/build-prices.mjs.

/** Anthropic's models in the price package, in the order in which a name is matched. */
export const ANTHROPIC_MODELS: readonly ListedModel[] = [
  {
    match: { or: [{ starts_with: 'claude-2' }, { contains: 'claude-v2' }] },
    prices: { input_mtok: 8, output_mtok: 24 },
  },
  {
    match: { or: [{ starts_with: 'claude-3-5-haiku' }, { starts_with: 'claude-3.5-haiku' }] },
    prices: {
      input_mtok: 0.8,
      output_mtok: 4,
      cache_read_mtok: 0.08,
      cache_write_mtok: 1,
      cache_write_1h_mtok: 1.6,
      web_searches_kcount: 10,
    },
  },
  {
    match: { or: [{ starts_with: 'claude-3-5-sonnet' }, { starts_with: 'claude-3.5-sonnet' }] },
    prices: {
      input_mtok: 3,
      output_mtok: 15,
      cache_read_mtok: 0.3,
      cache_write_mtok: 3.75,
      cache_write_1h_mtok: 6,
      web_searches_kcount: 10,
    },
  },
  {
    match: {
      or: [
        { starts_with: 'claude-3-7-sonnet' },
        { starts_with: 'claude-3.7-sonnet' },
        { starts_with: 'claude-sonnet-3.7' },
        { starts_with: 'claude-sonnet-3-7' },
      ],
    },
    prices: {
      input_mtok: 3,
      output_mtok: 15,
      cache_read_mtok: 0.3,
      cache_write_mtok: 3.75,
      cache_write_1h_mtok: 6,
      web_searches_kcount: 10,
    },
  },
  {
    match: { starts_with: 'claude-3-haiku' },
    prices: {
      input_mtok: 0.25,
      output_mtok: 1.25,
      cache_read_mtok: 0.03,
      cache_write_mtok: 0.3,
      cache_write_1h_mtok: 0.5,
    },
  },
  {
    match: { starts_with: 'claude-3-opus' },
    prices: { input_mtok: 15, output_mtok: 75, cache_read_mtok: 1.5, cache_write_mtok: 18.75, cache_write_1h_mtok: 30 },
  },
  {
    match: { starts_with: 'claude-3-sonnet' },
    prices: { input_mtok: 3, output_mtok: 15, cache_read_mtok: 0.3, cache_write_mtok: 3.75, cache_write_1h_mtok: 6 },
  },
  {
    match: { or: [{ equals: 'claude-fable-5' }, { regex: '^claude-fable-5-\\d{8}$' }] },
    prices: {
      input_mtok: 10,
      output_mtok: 50,
      cache_read_mtok: 1,
      cache_write_mtok: 12.5,
      cache_write_1h_mtok: 20,
      web_searches_kcount: 10,
    },
  },
  {
    match: { or: [{ equals: 'claude-fable-5-1' }, { regex: '^claude-fable-5-1-\\d{8}$' }] },
    prices: {
      input_mtok: 10,
      output_mtok: 50,
      cache_read_mtok: 0.25,
      cache_write_mtok: 12.5,
      cache_write_1h_mtok: 20,
      web_searches_kcount: 10,
    },
  },
  {
    match: {
      or: [
        { starts_with: 'claude-haiku-4-5' },
        { starts_with: 'claude-haiku-4.5' },
        { starts_with: 'claude-4-5-haiku' },
        { starts_with: 'claude-4.5-haiku' },
      ],
    },
    prices: {
      input_mtok: 1,
      output_mtok: 5,
      cache_read_mtok: 0.1,
      cache_write_mtok: 1.25,
      cache_write_1h_mtok: 2,
      web_searches_kcount: 10,
    },
  },
  {
    match: {
      or: [
        { starts_with: 'claude-opus-4-0' },
        { starts_with: 'claude-4-opus' },
        { equals: 'claude-opus-4' },
        { equals: 'claude-opus-4-20250514' },
      ],
    },
    prices: {
      input_mtok: 15,
      output_mtok: 75,
      cache_read_mtok: 1.5,
      cache_write_mtok: 18.75,
      cache_write_1h_mtok: 30,
      web_searches_kcount: 10,
    },
  },
  {
    match: { or: [{ starts_with: 'claude-opus-4-1' }, { starts_with: 'claude-opus-4.1' }] },
    prices: {
      input_mtok: 15,
      output_mtok: 75,
      cache_read_mtok: 1.5,
      cache_write_mtok: 18.75,
      cache_write_1h_mtok: 30,
      web_searches_kcount: 10,
    },
  },
  {
    match: {
      or: [
        { starts_with: 'claude-opus-4-5' },
        { starts_with: 'claude-opus-4.5' },
        { starts_with: 'claude-4-5-opus' },
        { starts_with: 'claude-4.5-opus' },
      ],
    },
    prices: {
      input_mtok: 5,
      output_mtok: 25,
      cache_read_mtok: 0.5,
      cache_write_mtok: 6.25,
      cache_write_1h_mtok: 10,
      web_searches_kcount: 10,
    },
  },
  {
    match: {
      or: [
        { starts_with: 'claude-opus-4-6' },
        { starts_with: 'claude-opus-4.6' },
        { starts_with: 'claude-4-6-opus' },
        { starts_with: 'claude-4.6-opus' },
      ],
    },
    prices: [
      {
        prices: {
          input_mtok: { base: 5, tiers: [{ start: 200000, price: 10 }] },
          output_mtok: { base: 25, tiers: [{ start: 200000, price: 37.5 }] },
          cache_read_mtok: { base: 0.5, tiers: [{ start: 200000, price: 1 }] },
          cache_write_mtok: { base: 6.25, tiers: [{ start: 200000, price: 12.5 }] },
          cache_write_1h_mtok: { base: 10, tiers: [{ start: 200000, price: 20 }] },
          web_searches_kcount: 10,
        },
      },
      {
        constraint: { start_date: '2026-03-13', type: 'start_date' },
        prices: {
          input_mtok: 5,
          output_mtok: 25,
          cache_read_mtok: 0.5,
          cache_write_mtok: 6.25,
          cache_write_1h_mtok: 10,
          web_searches_kcount: 10,
        },
      },
    ],
  },
  {
    match: {
      or: [
        { starts_with: 'claude-opus-4-7' },
        { starts_with: 'claude-opus-4.7' },
        { starts_with: 'claude-4-7-opus' },
        { starts_with: 'claude-4.7-opus' },
      ],
    },
    prices: {
      input_mtok: 5,
      output_mtok: 25,
      cache_read_mtok: 0.5,
      cache_write_mtok: 6.25,
      cache_write_1h_mtok: 10,
      web_searches_kcount: 10,
    },
  },
  {
    match: {
      or: [
        { starts_with: 'claude-opus-4-8' },
        { starts_with: 'claude-opus-4.8' },
        { starts_with: 'claude-4-8-opus' },
        { starts_with: 'claude-4.8-opus' },
      ],
    },
    prices: {
      input_mtok: 5,
      output_mtok: 25,
      cache_read_mtok: 0.5,
      cache_write_mtok: 6.25,
      cache_write_1h_mtok: 10,
      web_searches_kcount: 10,
    },
  },
  {
    match: {
      or: [
        { equals: 'claude-opus-5' },
        { regex: '^claude-opus-5-\\d{8}$' },
        { starts_with: 'claude-opus-5.0' },
        { starts_with: 'claude-5-opus' },
        { starts_with: 'claude-5.0-opus' },
      ],
    },
    prices: {
      input_mtok: 5,
      output_mtok: 25,
      cache_read_mtok: 0.5,
      cache_write_mtok: 6.25,
      cache_write_1h_mtok: 10,
      web_searches_kcount: 10,
    },
  },
  {
    match: {
      or: [
        { equals: 'claude-opus-5-5' },
        { regex: '^claude-opus-5-5-\\d{8}$' },
        { starts_with: 'claude-opus-5.5' },
        { starts_with: 'claude-5-5-opus' },
        { starts_with: 'claude-5.5-opus' },
      ],
    },
    prices: {
      input_mtok: 4,
      output_mtok: 20,
      cache_read_mtok: 0.2,
      cache_write_mtok: 5,
      cache_write_1h_mtok: 8,
      web_searches_kcount: 10,
    },
  },
  {
    match: {
      or: [
        { starts_with: 'claude-sonnet-4-2025' },
        { starts_with: 'claude-sonnet-4-0' },
        { starts_with: 'claude-sonnet-4@' },
        { equals: 'claude-sonnet-4' },
        { starts_with: 'claude-4-sonnet' },
      ],
    },
    prices: {
      input_mtok: 3,
      output_mtok: 15,
      cache_read_mtok: 0.3,
      cache_write_mtok: 3.75,
      cache_write_1h_mtok: 6,
      web_searches_kcount: 10,
    },
  },
  {
    match: { or: [{ starts_with: 'claude-sonnet-4-5' }, { starts_with: 'claude-sonnet-4.5' }] },
    prices: {
      input_mtok: { base: 3, tiers: [{ start: 200000, price: 6 }] },
      output_mtok: { base: 15, tiers: [{ start: 200000, price: 22.5 }] },
      cache_read_mtok: { base: 0.3, tiers: [{ start: 200000, price: 0.6 }] },
      cache_write_mtok: { base: 3.75, tiers: [{ start: 200000, price: 7.5 }] },
      cache_write_1h_mtok: { base: 6, tiers: [{ start: 200000, price: 12 }] },
      web_searches_kcount: 10,
    },
  },
  {
    match: { or: [{ starts_with: 'claude-sonnet-4-6' }, { starts_with: 'claude-sonnet-4.6' }] },
    prices: [
      {
        prices: {
          input_mtok: { base: 3, tiers: [{ start: 200000, price: 6 }] },
          output_mtok: { base: 15, tiers: [{ start: 200000, price: 22.5 }] },
          cache_read_mtok: { base: 0.3, tiers: [{ start: 200000, price: 0.6 }] },
          cache_write_mtok: { base: 3.75, tiers: [{ start: 200000, price: 7.5 }] },
          cache_write_1h_mtok: { base: 6, tiers: [{ start: 200000, price: 12 }] },
          web_searches_kcount: 10,
        },
      },
      {
        constraint: { start_date: '2026-03-13', type: 'start_date' },
        prices: {
          input_mtok: 3,
          output_mtok: 15,
          cache_read_mtok: 0.3,
          cache_write_mtok: 3.75,
          cache_write_1h_mtok: 6,
          web_searches_kcount: 10,
        },
      },
    ],
  },
  {
    match: {
      or: [
        { starts_with: 'claude-sonnet-5' },
        { starts_with: 'claude-sonnet-5.0' },
        { starts_with: 'claude-5-sonnet' },
        { starts_with: 'claude-5.0-sonnet' },
      ],
    },
    prices: {
      input_mtok: 2,
      output_mtok: 10,
      cache_read_mtok: 0.2,
      cache_write_mtok: 2.5,
      cache_write_1h_mtok: 4,
      web_searches_kcount: 10,
    },
  },
  { match: { equals: 'claude-v1' }, prices: { input_mtok: 8, output_mtok: 24 } },
];
