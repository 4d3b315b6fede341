// Reading an OpenAPI 3.1 description: references, types in words, examples.

/** @typedef {{[member: string]: any}} Members */

/** Follows a local `$ref`; members beside it win (OpenAPI 3.1). Anything that leads nowhere is an empty object. */
export function resolve(/** @type {Members} */ api, /** @type {any} */ node) {
  let found = node;
  for (let hops = 0; found && typeof found === 'object' && typeof found.$ref === 'string'; hops += 1) {
    if (hops > 20 || !found.$ref.startsWith('#/')) return {};
    const { $ref, ...beside } = found;
    /** @type {any} */
    let target = api;
    for (const step of String($ref).slice(2).split('/')) {
      const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
      target = target && Object.hasOwn(target, name) ? target[name] : undefined;
    }
    if (!target || typeof target !== 'object') return {};
    found = { ...target, ...beside };
  }
  return found ?? {};
}

/** The schema with its reference followed, `allOf` merged, and a lone non-null `anyOf`/`oneOf` member lifted. @returns {any} */
export function flatten(/** @type {Members} */ api, /** @type {any} */ schema, depth = 0) {
  const { allOf = [], ...own } = resolve(api, schema);
  if (depth > 12) return own;
  /** @type {Members} */
  let flat = own;
  for (const part of allOf) {
    const other = flatten(api, part, depth + 1);
    flat = {
      ...other,
      ...flat,
      properties: { ...other.properties, ...flat.properties },
      required: [...(other.required ?? []), ...(flat.required ?? [])],
    };
    if (Object.keys(flat.properties).length === 0) delete flat.properties;
  }
  const choices = flat.anyOf ?? flat.oneOf;
  const real = choices?.map((/** @type {any} */ choice) => resolve(api, choice)).filter((/** @type {any} */ choice) => choice.type !== 'null');
  if (real?.length === 1) {
    const { anyOf, oneOf, ...rest } = flat;
    return { ...flatten(api, real[0], depth + 1), ...rest, nullable: real.length < choices.length };
  }
  return flat;
}

/** What a value may be, in a few words: "string", "list of objects", "string or null". @returns {string} */
export function typeName(/** @type {Members} */ api, /** @type {any} */ schema, depth = 0) {
  const flat = flatten(api, schema);
  const or = flat.nullable ? ' or null' : '';
  if (depth > 6) return 'any';
  if ('const' in flat) return JSON.stringify(flat.const) + or;
  if (flat.enum) return flat.enum.map((/** @type {any} */ value) => JSON.stringify(value)).join(' | ') + or;
  const choices = flat.anyOf ?? flat.oneOf;
  if (choices) return choices.map((/** @type {any} */ choice) => typeName(api, choice, depth + 1)).join(' or ');
  if (Array.isArray(flat.type)) return flat.type.join(' or ');
  if (flat.type === 'array') return `list of ${flat.items ? typeName(api, flat.items, depth + 1) : 'any'}${or}`;
  if (flat.type === 'object' && !flat.properties && typeof flat.additionalProperties === 'object') {
    return `object of ${typeName(api, flat.additionalProperties, depth + 1)}${or}`;
  }
  return (flat.type ?? (flat.properties ? 'object' : 'any')) + (flat.format ? ` (${flat.format})` : '') + or;
}

/** The limits of a value, in words. */
export function limits(/** @type {Members} */ schema) {
  const range = (/** @type {any} */ least, /** @type {any} */ most, /** @type {string} */ unit) => {
    if (least === undefined && most === undefined) return [];
    if (most === undefined) return [`at least ${least}${unit}`];
    if (least === undefined) return [`at most ${most}${unit}`];
    return [least === most ? `exactly ${least}${unit}` : `${least} to ${most}${unit}`];
  };
  return [
    ...range(schema.minLength, schema.maxLength, ' characters'),
    ...range(schema.minItems, schema.maxItems, ' entries'),
    ...range(schema.minimum, schema.maximum, ''),
    ...(schema.pattern ? [`pattern ${schema.pattern}`] : []),
    ...(schema.default !== undefined && schema.default !== null ? [`default ${JSON.stringify(schema.default)}`] : []),
  ];
}

/** The schemas whose members are worth showing below this one: itself, a list's entries, each choice. @returns {Members[]} */
export function inner(/** @type {Members} */ api, /** @type {any} */ schema) {
  const flat = flatten(api, schema);
  if (flat.properties) return [flat];
  if (flat.items) return inner(api, flat.items);
  if (typeof flat.additionalProperties === 'object') return inner(api, flat.additionalProperties);
  const choices = flat.anyOf ?? flat.oneOf ?? [];
  return choices.map((/** @type {any} */ choice) => flatten(api, choice)).filter((/** @type {any} */ choice) => choice.properties);
}

/** A made-up value that fits the schema: its own example where it has one. @returns {any} */
export function sample(/** @type {Members} */ api, /** @type {any} */ schema, depth = 0) {
  const flat = flatten(api, schema);
  if (flat.example !== undefined) return flat.example;
  if (Array.isArray(flat.examples) && flat.examples.length) return flat.examples[0];
  if (flat.default !== undefined) return flat.default;
  if ('const' in flat) return flat.const;
  if (flat.enum) return flat.enum[0];
  if (depth > 6) return null;
  const choices = flat.anyOf ?? flat.oneOf;
  if (choices?.length) return sample(api, choices[0], depth + 1);
  if (flat.properties) {
    const required = new Set(flat.required ?? []);
    const names = Object.keys(flat.properties).filter((name) => depth < 2 || required.has(name));
    return Object.fromEntries(names.map((name) => [name, sample(api, flat.properties[name], depth + 1)]));
  }
  const type = Array.isArray(flat.type) ? flat.type[0] : flat.type;
  if (type === 'array') return flat.items ? [sample(api, flat.items, depth + 1)] : [];
  /** @type {Members} */
  const plain = { string: '', integer: 0, number: 0, boolean: false, object: {} };
  return plain[type] ?? null;
}

/** The examples of a media type: `[{name, value}]`, never empty. */
export function examples(/** @type {Members} */ api, /** @type {Members} */ media) {
  const named = Object.entries(media.examples ?? {}).map(([name, node]) => {
    const example = resolve(api, node);
    return { name: example.summary ?? name, value: example.value };
  });
  if (named.length) return named;
  const value = media.example !== undefined ? media.example : sample(api, media.schema ?? {});
  return [{ name: 'Example', value }];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];

/** Every operation with its path, method, anchor, parameters and way of authentication. */
export function operations(/** @type {Members} */ api) {
  return Object.entries(api.paths ?? {}).flatMap(([path, node]) => {
    const item = resolve(api, node);
    return METHODS.filter((method) => item[method]).map((method) => {
      const operation = item[method];
      /** @type {Map<string, Members>} */
      const parameters = new Map();
      for (const raw of [...(item.parameters ?? []), ...(operation.parameters ?? [])]) {
        const parameter = resolve(api, raw);
        parameters.set(`${parameter.in} ${parameter.name}`, parameter);
      }
      return {
        path,
        method,
        anchor: operation.operationId ?? `${method}-${path.replaceAll(/[^\w]+/g, '-')}`,
        tags: operation.tags?.length ? operation.tags : ['Other'],
        summary: operation.summary ?? `${method.toUpperCase()} ${path}`,
        description: operation.description ?? '',
        deprecated: Boolean(operation.deprecated),
        parameters: [...parameters.values()],
        body: operation.requestBody ? resolve(api, operation.requestBody) : null,
        responses: Object.entries(operation.responses ?? {}).map(([status, response]) => ({ status, ...resolve(api, response) })),
        security: operation.security ?? api.security ?? [],
      };
    });
  });
}
