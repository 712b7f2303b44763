import { escapeXml, readXml } from './xml.js'

/** A part of a document: what an element holds, in its order. Attributes, which S3's settings have none of, are left out. */
export interface XmlElement {
  readonly name: string
  /** Of one that has no elements in it. */
  readonly text: string
  readonly children: readonly XmlElement[]
}

/** An element with text in it. */
export function textElement(name: string, text: string | number): XmlElement {
  return { name, text: String(text), children: [] }
}

/** An element with others in it. */
export function groupElement(name: string, children: readonly XmlElement[]): XmlElement {
  return { name, text: '', children }
}

/** The whole document. @throws XmlError */
export function parseElement(text: string): XmlElement {
  const open: XmlElement[][] = [[]]
  readXml(text, {
    open: () => open.push([]),
    close: (name, content) => {
      const children = open.pop() ?? []
      open.at(-1)?.push({ name, text: children.length === 0 ? content : '', children })
    },
  })
  return open[0]?.[0] as XmlElement
}

/** The element as it is written. */
export function formatElement({ name, text, children }: XmlElement): string {
  const content = children.length === 0 ? escapeXml(text) : children.map(formatElement).join('')
  return `<${name}>${content}</${name}>`
}

/** The first element of this name that another holds. */
export function childOf(parent: XmlElement, name: string): XmlElement | undefined {
  return parent.children.find(child => child.name === name)
}
