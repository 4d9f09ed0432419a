/** The console's style. Four lanes of 25 % each have their lines at 12.5, 37.5, 62.5 and 87.5 %. */
export const style = `
:root{color-scheme:light dark;--blue:#0958d9;--text:#1f2329;--soft:#5b6470;--line:#dfe4ec;--page:#f3f6fb;--card:#fff;--good:#167a3b;--bad:#c62828}
@media(prefers-color-scheme:dark){:root{--blue:#5aa5ff;--text:#e8ebf0;--soft:#a3acb8;--line:#343b46;--page:#14181f;--card:#1d232c;--good:#5fd38d;--bad:#ff8a80}}
*{box-sizing:border-box}
html[lang^=zh] [lang=en]:not(button),html[lang=en] [lang=zh]:not(button){display:none}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;padding:.75rem 1rem;background:var(--card);border-bottom:1px solid var(--line)}
header p{margin:0;color:var(--soft)}
header nav{margin-left:auto;display:flex;flex-wrap:wrap;gap:.4rem;align-items:center}
h1{font-size:1.1rem;margin:0}
h2{font-size:1rem;margin:0;display:inline}
main{display:grid;gap:1rem;padding:1rem;grid-template-columns:minmax(0,1fr) 26rem;align-items:start}
.diagram,aside>details{background:var(--card);border:1px solid var(--line);border-radius:.75rem}
.diagram{overflow:hidden;position:sticky;top:1rem}
.lanes{display:grid;grid-template-columns:repeat(4,1fr);margin:0;padding:.6rem 0;list-style:none;text-align:center;font-weight:600;border-bottom:1px solid var(--line)}
.lanes .alipay,.lanes .oneaccess{color:var(--blue)}
#calls{margin:0;padding:.5rem 0;list-style:none;height:calc(100vh - 10.5rem);min-height:20rem;overflow:auto;
background:linear-gradient(var(--line),var(--line)) 12.5% 0/1px 100% no-repeat local;
background-image:linear-gradient(90deg,transparent calc(12.5% - .5px),var(--line) 0,var(--line) calc(12.5% + .5px),transparent 0,transparent calc(37.5% - .5px),var(--line) 0,var(--line) calc(37.5% + .5px),transparent 0,transparent calc(62.5% - .5px),var(--line) 0,var(--line) calc(62.5% + .5px),transparent 0,transparent calc(87.5% - .5px),var(--line) 0,var(--line) calc(87.5% + .5px),transparent 0);background-size:100% 100%}
#calls:not(:empty)+.empty{display:none}
#calls:empty{display:none}
.empty{padding:3rem 1rem;text-align:center;color:var(--soft)}
#calls summary{list-style:none;position:relative;padding:.35rem 0;cursor:pointer}
#calls summary::-webkit-details-marker{display:none}
#calls summary:hover{background:#1677ff14}
.n{position:absolute;left:.4rem;top:.4rem;font-size:.75rem;color:var(--soft)}
.arrow{display:flex;flex-direction:column;align-items:center;position:relative;width:25%;border-bottom:2px solid var(--blue);margin-bottom:.35rem}
.arrow::after{content:"";position:absolute;bottom:-6px;border:5px solid transparent}
.alipay-browser,.browser-alipay{margin-left:12.5%}
.browser-app{margin-left:37.5%}
.app-oneaccess,.oneaccess-app{margin-left:62.5%}
.browser-oneaccess,.oneaccess-browser{margin-left:37.5%;width:50%}
.alipay-browser::after,.browser-app::after,.app-oneaccess::after,.browser-oneaccess::after{right:-2px;border-left-color:var(--blue);border-right:0}
.browser-alipay::after,.oneaccess-app::after,.oneaccess-browser::after{left:-2px;border-right-color:var(--blue);border-left:0}
.back{border-bottom-style:dashed;border-color:var(--good)}
.arrow.back.alipay-browser::after{border-left-color:var(--good)}
.arrow.back.oneaccess-app::after,.arrow.back.oneaccess-browser::after{border-right-color:var(--good)}
.arrow.bad{border-color:var(--bad);color:var(--bad)}
.arrow.back.bad.alipay-browser::after{border-left-color:var(--bad)}
.arrow.back.bad.oneaccess-app::after,.arrow.back.bad.oneaccess-browser::after{border-right-color:var(--bad)}
.arrow.waiting,.arrow.implied{opacity:.65;border-bottom-style:dotted}
.label{font-size:.82rem;line-height:1.35;width:max-content;max-width:calc(50vw - 1rem);text-align:center;background:var(--card);padding:0 .3rem;border-radius:.3rem;overflow-wrap:anywhere}
.label small{color:var(--soft)}
dl{margin:.25rem .75rem .75rem;padding:.5rem .75rem;border:1px solid var(--line);border-radius:.5rem;background:var(--page)}
dt{font-size:.8rem;color:var(--soft)}
dd{margin:0 0 .5rem}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font:12.5px/1.5 ui-monospace,"Noto Sans Mono CJK SC",monospace}
aside{display:grid;gap:.75rem;grid-template-columns:minmax(0,1fr)}
aside>details{padding:.6rem .9rem}
aside summary{cursor:pointer;padding-block:.25rem}
aside ul{list-style:none;margin:.5rem 0;padding:0}
aside li{display:flex;gap:.6rem;align-items:center;padding:.35rem 0;border-top:1px solid var(--line)}
aside li:first-child{border:0}
.grow{flex:1;min-width:0;overflow-wrap:anywhere}
aside small{display:block;color:var(--soft)}
.tag,.nothing{color:var(--soft)}
.avatar{display:grid;place-items:center;flex:none;width:2rem;height:2rem;border-radius:50%;background:#1677ff22;color:var(--blue);font-weight:600}
.code{font-size:1.2rem;letter-spacing:.1em}
code{font:12.5px ui-monospace,monospace}
.env{padding:.6rem;margin-top:.5rem;background:var(--page);border-radius:.5rem}
.row{display:flex;flex-wrap:wrap;gap:.4rem;margin:.5rem 0}
.row select{flex:1;min-width:5rem;max-width:100%}
button,select,input{font:inherit;font-size:.9rem;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.3rem .6rem}
button{cursor:pointer}
button:hover{border-color:var(--blue)}
[aria-pressed=true]{border-color:var(--blue);color:var(--blue)}
.settings{display:grid;gap:.4rem;margin-top:.5rem}
.settings label{display:grid;grid-template-columns:1fr 11rem;gap:.5rem;align-items:center}
.settings input[type=checkbox]{justify-self:start;width:1.1rem;height:1.1rem;accent-color:var(--blue)}
#fault [name=fault]{flex-basis:100%}
#connection{font-size:.9rem}
#connection::before{content:"●" / "";margin-right:.35rem}
#connection[data-on=true]{color:var(--good)}
#connection[data-on=false]{color:var(--bad)}
#connection[data-on=true] .off,#connection[data-on=false] .on{display:none}
:focus-visible{outline:3px solid var(--blue);outline-offset:1px}
@media(max-width:60rem){.diagram{position:static}main{grid-template-columns:minmax(0,1fr);padding:.6rem}#calls{height:auto;max-height:65vh;min-height:0}header p{order:3;width:100%;font-size:.85rem}button,select,input:not([type=checkbox]){min-height:2.75rem;min-width:2.75rem}aside summary{padding-block:.7rem}aside>details{padding-block:.25rem}.settings label{min-height:2.75rem}}
@media(max-width:30rem){.lanes{font-size:.8rem}.label{font-size:.75rem}.label small{display:none}.n{left:.2rem}}
`
