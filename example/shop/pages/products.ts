import type { Words } from '../language.js'
import { cup, glass, leaf, lid, pot, rock } from './art.js'
import type { Markup } from './html.js'

/** A product. Prices are in yuan. */
export interface Product {
  id: string
  name: Words<string>
  about: Words<string>
  unit: Words<string>
  price: number
  memberPrice: number
  art: Markup
}

const TEA: Words<string> = { zh: '/ 50 克', en: '/ 50 g' }
const PIECE: Words<string> = { zh: '/ 件', en: 'each' }

export const products: readonly Product[] = [
  {
    id: 'longjing',
    name: { zh: '明前龙井', en: 'Longjing, first picking' },
    about: {
      zh: '清明前手采，炒豆香，汤色嫩绿',
      en: 'Picked by hand in March; chestnut, soft, green',
    },
    unit: TEA,
    price: 168,
    memberPrice: 148,
    art: glass,
  },
  {
    id: 'jasmine',
    name: { zh: '茉莉银针', en: 'Jasmine Silver Needle' },
    about: { zh: '七窨一提，花香落在水里', en: 'Scented seven times with fresh blossom' },
    unit: TEA,
    price: 128,
    memberPrice: 112,
    art: leaf,
  },
  {
    id: 'rougui',
    name: { zh: '武夷肉桂', en: 'Wuyi Rou Gui' },
    about: { zh: '岩骨花香，炭火慢焙', en: 'Rock oolong, roasted slowly over charcoal' },
    unit: TEA,
    price: 218,
    memberPrice: 188,
    art: rock,
  },
  {
    id: 'puer',
    name: { zh: '陈年熟普', en: 'Aged ripe Pu’er' },
    about: { zh: '十年干仓，枣香，温润不涩', en: 'Ten dry years; dates and warm wood' },
    unit: TEA,
    price: 98,
    memberPrice: 84,
    art: cup,
  },
  {
    id: 'gaiwan',
    name: { zh: '白瓷盖碗', en: 'White porcelain gaiwan' },
    about: { zh: '薄胎不烫手，容量 120 毫升', en: 'Thin, 120 ml, and cool at the rim' },
    unit: PIECE,
    price: 96,
    memberPrice: 82,
    art: lid,
  },
  {
    id: 'teapot',
    name: { zh: '紫砂小壶', en: 'Yixing teapot' },
    about: { zh: '原矿紫泥，全手工，出水利落', en: 'Purple clay, made by hand, pours clean' },
    unit: PIECE,
    price: 458,
    memberPrice: 399,
    art: pot,
  },
]

/** Whether this is the id of a product. */
export function isProduct(id: unknown): id is string {
  return products.some((one) => one.id === id)
}
