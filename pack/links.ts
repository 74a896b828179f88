/** Links of a document that is read outside the repository. */

/** Of an inline link or picture of Markdown, what is between the round brackets. */
const TARGET = /(!?)(\[[^\]]*\])\(([^)\s]+)\)/g;
const PICTURE = /\.(?:svg|png|jpe?g|gif|webp)$/i;

/**
 * Makes relative links absolute. Those to a place in the document itself stay.
 *
 * @param repository its address on the web, without a slash at its end
 */
export function absoluteLinks(markdown: string, repository: string): string {
  return markdown.replace(TARGET, (whole, bang: string, label: string, target: string) => {
    const [path = ""] = target.split("#");
    if (/^[a-z][a-z+.-]*:|^#/i.test(target)) return whole;
    const kind = bang === "!" || PICTURE.test(path) ? "raw" : "blob";
    return `${bang}${label}(${repository}/${kind}/main/${target.replace(/^\.\//, "")})`;
  });
}
