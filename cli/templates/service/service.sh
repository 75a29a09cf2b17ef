# {"id":1,"service":"shouter","function":"shout","args":["hello"],…} comes in,
# {"id":1,"ok":"HELLO"} goes out. Any language can do this.
while read -r question; do
  id=${question#*\"id\":}
  id=${id%%,*}
  text=${question#*\"args\":[\"}
  text=${text%%\"*}
  loud=$(printf '%s' "$text" | tr '[:lower:]' '[:upper:]')
  printf '{"id":%s,"ok":"%s"}\n' "$id" "$loud"
done
