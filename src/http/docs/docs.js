"use strict";

// Draws openapi.json. Whatever it holds is put in as text, never as markup.
const calls = document.getElementById("calls");
const told = document.getElementById("told");
const keyForm = document.getElementById("key-form");
let whole = null;

function make(name, text, ...children) {
  const element = document.createElement(name);
  if (text) element.textContent = text;
  element.append(...children);
  return element;
}

function nameOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.oneOf || schema.anyOf) return (schema.oneOf || schema.anyOf).map(nameOf).join(" or ");
  const type = [].concat(schema.type || "anything").join(" or ");
  if (schema.items) return `${type} of ${nameOf(schema.items)}`;
  return schema.format ? `${type} (${schema.format})` : type;
}

function resolved(schema) {
  return schema.$ref ? whole.components.schemas[schema.$ref.split("/").pop()] : schema;
}

function fieldsOf(schema, seen = []) {
  const own = resolved(schema);
  if (seen.includes(own)) return [];
  if (own.allOf) return own.allOf.flatMap((part) => fieldsOf(part, [...seen, own]));
  if (own.oneOf && !own.properties) return fieldsOf(own.oneOf[0], [...seen, own]);
  if (own.items) return fieldsOf(own.items, [...seen, own]);
  const required = own.required || [];
  return Object.entries(own.properties || {}).map(([name, field]) => ({
    name, kind: nameOf(field), required: required.includes(name), about: field.description || "",
  }));
}

function table(head, rows) {
  const header = make("tr", "", ...head.map((text) => make("th", text)));
  const body = rows.map((cells) => make("tr", "", ...cells.map((text) => make("td", text))));
  return make("table", "", header, ...body);
}

function fields(title, schema, withRequired) {
  const rows = fieldsOf(schema).map((field) => [field.name, field.kind, withRequired && field.required ? "must be given" : "", field.about]);
  const heading = make("h3", title);
  return rows.length ? [heading, table(["field", "kind", "", ""], rows)] : [heading, make("p", nameOf(schema))];
}

function schemaIn(part) {
  const content = Object.values((part && part.content) || {})[0];
  return content && content.schema;
}

function detail(operation) {
  const parts = [make("p", operation.description || "")];
  const parameters = operation.parameters || [];
  if (parameters.length) {
    const rows = parameters.map((one) => [one.name, one.in, nameOf(one.schema), one.required ? "must be given" : "", one.description || ""]);
    parts.push(make("h3", "Parameters"), table(["name", "in", "kind", "", ""], rows));
  }
  const body = schemaIn(operation.requestBody);
  if (body) parts.push(...fields("Body", body, true));
  const answers = Object.entries(operation.responses).map(([status, answer]) => {
    const schema = schemaIn(answer);
    return [status, answer.description, schema && Object.keys(schema).length ? nameOf(schema) : ""];
  });
  parts.push(make("h3", "Answers"), table(["status", "", "shape"], answers));
  const good = Object.entries(operation.responses).find(([status]) => status.startsWith("2"));
  if (good && schemaIn(good[1])) parts.push(...fields(`Fields of ${good[0]}`, schemaIn(good[1]), false));
  return parts;
}

function draw() {
  const words = document.getElementById("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map(whole.tags.map((tag) => [tag.name, { about: tag.description, calls: [] }]));
  let count = 0;
  for (const [path, methods] of Object.entries(whole.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const line = `${method.toUpperCase()} ${path} ${operation.summary}`;
      if (!words.every((word) => line.toLowerCase().includes(word))) continue;
      count += 1;
      const summary = make("summary", "", make("code", `${method.toUpperCase()} ${path}`), ` ${operation.summary}`);
      const details = make("details", "", summary);
      details.addEventListener("toggle", () => {
        if (details.children.length === 1) details.append(...detail(operation));
      });
      groups.get(operation.tags[0]).calls.push(details);
    }
  }
  const parts = [...groups].filter(([, group]) => group.calls.length);
  calls.replaceChildren(...parts.flatMap(([name, group]) => [make("h2", name), make("p", group.about), ...group.calls]));
  told.textContent = count === 1 ? "1 call" : `${count} calls`;
}

async function load(key) {
  const answer = await fetch("openapi.json", key ? { headers: { Authorization: `Bearer ${key}` } } : {});
  keyForm.hidden = answer.status !== 401;
  if (!answer.ok) {
    told.textContent = answer.status === 401 && !key ? "" : (await answer.json()).message;
    return;
  }
  whole = await answer.json();
  draw();
}

document.getElementById("filter").addEventListener("input", () => whole && draw());
keyForm.addEventListener("submit", (event) => {
  event.preventDefault();
  load(document.getElementById("key").value);
});
load().catch((error) => { told.textContent = String(error); });
