import type { Language } from '../language.js'
import { accountCard, type Ends, endedCard, endedTitle } from './account-card.js'
import { alipayButton } from './alipay-button.js'
import { html, type Markup } from './html.js'
import { page, type View } from './layout.js'
import { type Product, products } from './products.js'

const words = {
  zh: {
    title: '首页',
    head: '山里的茶，慢慢喝',
    lead: '四款好茶，两件趁手的茶器。登录后，每一件都是会员价。',
    shelf: '本店好物',
    member: '会员价',
    regular: '原价',
    join: '登录省 ¥',
    price: '价格',
  },
  en: {
    title: 'Home',
    head: 'Hillside tea, taken slowly',
    lead: 'Four teas, and two things to brew them in. Log in to get the member price on everything.',
    shelf: 'In the shop',
    member: 'Member',
    regular: 'Regular price',
    join: 'Log in, save ¥',
    price: 'Price',
  },
}

/** The home page: who is logged in, or how to log in, and the products. */
export function homePage(view: View, ends: Ends, hasEnded = false): Markup {
  const { language, user } = view
  const text = words[language]
  const body = html`${user ? accountCard(user, ends, view) : hasEnded ? endedCard(language) : hero(language)}
<section aria-labelledby="shelf"><h2 id="shelf">${text.shelf}</h2>
<ul class="shelf">${products.map((product) => card(product, language, user !== undefined))}</ul>
</section>`
  const script = user ? { script: 'account.js' } : {}
  const title = hasEnded && !user ? endedTitle(language) : text.title
  return page(view, { title, body, ...script })
}

function hero(language: Language): Markup {
  const text = words[language]
  return html`<section class="hero"><div>
<h1>${text.head}</h1><p class="lead">${text.lead}</p>
${alipayButton(language)}
</div></section>`
}

function card(product: Product, language: Language, member: boolean): Markup {
  const { id, art, name, about, unit, price, memberPrice } = product
  return html`<li class="card" id="${id}"><div class="art ${id}" aria-hidden="true">${art}</div>
<div class="words"><h3>${name[language]}</h3><p>${about[language]}</p>
${member ? memberPrices(price, memberPrice, unit[language], language) : openPrice(product, language)}
</div></li>`
}

function memberPrices(price: number, memberPrice: number, unit: string, language: Language) {
  const text = words[language]
  return html`<p class="price"><span class="tag">${text.member}</span> <strong>¥${memberPrice}</strong>
<s><span class="unseen">${text.regular} </span>¥${price}</s> <small>${unit}</small></p>`
}

function openPrice(product: Product, language: Language): Markup {
  const text = words[language]
  const { id, price, memberPrice, unit, name } = product
  return html`<p class="price"><span class="unseen">${text.price} </span><strong>¥${price}</strong>
<small>${unit[language]}</small>
<a class="join" href="/auth/alipay?product=${id}">${text.join}${price - memberPrice}<span class="unseen"> (${name[language]})</span></a></p>`
}
